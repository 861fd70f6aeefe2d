"""Words of exhibits."""

from fairs.core.i18n import N_
from fairs.exhibits.tables import Asked, ExhibitKind, ExhibitState, Looked, Stage

KINDS: dict[str, object] = {
    ExhibitKind.WORK: N_("Research work"),
    ExhibitKind.PATENT: N_("Patent"),
    ExhibitKind.PRODUCT: N_("Product"),
    ExhibitKind.COMPANY: N_("Company"),
}
STAGES: dict[str, object] = {
    Stage.IDEA: N_("Idea"),
    Stage.LAB: N_("Proven in the laboratory"),
    Stage.PROTOTYPE: N_("Prototype"),
    Stage.PILOT: N_("Pilot production"),
    Stage.MARKET: N_("On the market"),
}
LOOKS_FOR: dict[str, object] = {
    Looked.INVESTMENT: N_("Investment"),
    Looked.PARTNER: N_("A partner"),
    Looked.SITE: N_("A site"),
}
STATES: dict[str, tuple[str, object]] = {
    ExhibitState.DRAFT: ("neutral", N_("Not sent in")),
    ExhibitState.SUBMITTED: ("progress", N_("Waits for release")),
    ExhibitState.RETURNED: ("warning", N_("Sent back")),
    ExhibitState.RELEASED: ("success", N_("In the gallery")),
}
ASKS: dict[str, object] = {
    Asked.INTEREST: N_("I am interested"),
    Asked.INVESTMENT: N_("I might invest"),
    Asked.PARTNER: N_("I look for a partner"),
    Asked.SITE: N_("I can offer a site"),
    Asked.TALK: N_("I would like to talk"),
}

"""Journeys to and from a tour, pick-ups, vehicles, hotels with rooms, interpreters, and what people need.

Frozen once released: it imports nothing from the product.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

JOURNEYS = """
SET LOCAL lock_timeout = '5s';
CREATE TABLE IF NOT EXISTS tour_handling (
    event bigint PRIMARY KEY NOT NULL REFERENCES event (id) ON DELETE CASCADE ON UPDATE CASCADE,
    wait smallint NOT NULL DEFAULT 60,
    ahead smallint NOT NULL DEFAULT 150,
    CONSTRAINT ck_tour_handling CHECK (wait BETWEEN 0 AND 600 AND ahead BETWEEN 0 AND 600)
);
CREATE TABLE IF NOT EXISTS tour_vehicle (
    id bigserial PRIMARY KEY NOT NULL,
    event bigint NOT NULL REFERENCES event (id) ON DELETE CASCADE ON UPDATE CASCADE,
    name varchar(40) NOT NULL DEFAULT '',
    plate varchar(20) NOT NULL DEFAULT '',
    seats smallint NOT NULL DEFAULT 0,
    driver_name varchar(120) NOT NULL DEFAULT '',
    driver_phone text NOT NULL DEFAULT '',
    CONSTRAINT ck_tour_vehicle_seats CHECK (seats BETWEEN 1 AND 500)
);
CREATE INDEX IF NOT EXISTS tour_vehicle_event ON tour_vehicle (event);
CREATE TABLE IF NOT EXISTS tour_stop_vehicle (
    id bigserial PRIMARY KEY NOT NULL,
    stop bigint NOT NULL REFERENCES tour_stop (id) ON DELETE CASCADE ON UPDATE CASCADE,
    vehicle bigint NOT NULL REFERENCES tour_vehicle (id) ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT uq_tour_stop_vehicle UNIQUE (stop, vehicle)
);
CREATE INDEX IF NOT EXISTS tour_stop_vehicle_vehicle ON tour_stop_vehicle (vehicle);
CREATE TABLE IF NOT EXISTS tour_pickup (
    id bigserial PRIMARY KEY NOT NULL,
    event bigint NOT NULL REFERENCES event (id) ON DELETE CASCADE ON UPDATE CASCADE,
    direction varchar(10) NOT NULL DEFAULT '',
    place varchar(120) NOT NULL DEFAULT '',
    leaves_at timestamptz NOT NULL DEFAULT current_timestamp,
    vehicle bigint REFERENCES tour_vehicle (id) ON DELETE SET NULL ON UPDATE CASCADE,
    kept boolean NOT NULL DEFAULT false,
    CONSTRAINT ck_tour_pickup_direction CHECK (direction IN ('arrival', 'departure'))
);
CREATE INDEX IF NOT EXISTS tour_pickup_event ON tour_pickup (event);
CREATE INDEX IF NOT EXISTS tour_pickup_vehicle ON tour_pickup (vehicle);
CREATE TABLE IF NOT EXISTS tour_trip (
    id bigserial PRIMARY KEY NOT NULL,
    member bigint NOT NULL REFERENCES tour_member (id) ON DELETE CASCADE ON UPDATE CASCADE,
    direction varchar(10) NOT NULL DEFAULT '',
    mode varchar(10) NOT NULL DEFAULT '',
    number varchar(20) NOT NULL DEFAULT '',
    at timestamptz NOT NULL DEFAULT current_timestamp,
    timezone varchar(64) NOT NULL DEFAULT '',
    place varchar(120) NOT NULL DEFAULT '',
    terminal varchar(40) NOT NULL DEFAULT '',
    fetched boolean NOT NULL DEFAULT true,
    pickup bigint REFERENCES tour_pickup (id) ON DELETE SET NULL ON UPDATE CASCADE,
    updated_at timestamptz NOT NULL DEFAULT current_timestamp,
    CONSTRAINT uq_tour_trip UNIQUE (member, direction),
    CONSTRAINT ck_tour_trip_direction CHECK (direction IN ('arrival', 'departure')),
    CONSTRAINT ck_tour_trip_mode CHECK (mode IN ('flight', 'train', 'coach', 'car'))
);
CREATE INDEX IF NOT EXISTS tour_trip_pickup ON tour_trip (pickup);
CREATE TABLE IF NOT EXISTS tour_need (
    id bigserial PRIMARY KEY NOT NULL,
    member bigint UNIQUE NOT NULL REFERENCES tour_member (id) ON DELETE CASCADE ON UPDATE CASCADE,
    sex varchar(1) NOT NULL DEFAULT '',
    room varchar(6) NOT NULL DEFAULT 'any',
    mate varchar(254) NOT NULL DEFAULT '',
    food varchar(300) NOT NULL DEFAULT '',
    access varchar(300) NOT NULL DEFAULT '',
    emergency text NOT NULL DEFAULT '',
    updated_at timestamptz NOT NULL DEFAULT current_timestamp,
    CONSTRAINT ck_tour_need_sex CHECK (sex IN ('', 'f', 'm')),
    CONSTRAINT ck_tour_need_room CHECK (room IN ('any', 'single', 'shared'))
);
CREATE TABLE IF NOT EXISTS tour_hotel (
    id bigserial PRIMARY KEY NOT NULL,
    event bigint NOT NULL REFERENCES event (id) ON DELETE CASCADE ON UPDATE CASCADE,
    unit bigint REFERENCES unit (id) ON DELETE RESTRICT ON UPDATE CASCADE,
    name_zh varchar(120) NOT NULL DEFAULT '',
    name_en varchar(120) NOT NULL DEFAULT '',
    address_zh varchar(200) NOT NULL DEFAULT '',
    address_en varchar(200) NOT NULL DEFAULT '',
    desk_phone varchar(40) NOT NULL DEFAULT '',
    first_night date NOT NULL DEFAULT CURRENT_DATE,
    last_night date NOT NULL DEFAULT CURRENT_DATE,
    CONSTRAINT ck_tour_hotel_nights CHECK (last_night >= first_night)
);
CREATE INDEX IF NOT EXISTS tour_hotel_event ON tour_hotel (event);
CREATE INDEX IF NOT EXISTS tour_hotel_unit ON tour_hotel (unit);
CREATE TABLE IF NOT EXISTS tour_room (
    id bigserial PRIMARY KEY NOT NULL,
    hotel bigint NOT NULL REFERENCES tour_hotel (id) ON DELETE CASCADE ON UPDATE CASCADE,
    name varchar(20) NOT NULL DEFAULT '',
    beds smallint NOT NULL DEFAULT 0,
    CONSTRAINT uq_tour_room UNIQUE (hotel, name),
    CONSTRAINT ck_tour_room_beds CHECK (beds BETWEEN 1 AND 8)
);
CREATE TABLE IF NOT EXISTS tour_sleeper (
    id bigserial PRIMARY KEY NOT NULL,
    room bigint NOT NULL REFERENCES tour_room (id) ON DELETE CASCADE ON UPDATE CASCADE,
    member bigint NOT NULL REFERENCES tour_member (id) ON DELETE CASCADE ON UPDATE CASCADE,
    kept boolean NOT NULL DEFAULT false,
    CONSTRAINT uq_tour_sleeper UNIQUE (room, member)
);
CREATE INDEX IF NOT EXISTS tour_sleeper_member ON tour_sleeper (member);
CREATE TABLE IF NOT EXISTS tour_interpreter (
    id bigserial PRIMARY KEY NOT NULL,
    event bigint NOT NULL REFERENCES event (id) ON DELETE CASCADE ON UPDATE CASCADE,
    name varchar(120) NOT NULL DEFAULT '',
    phone text NOT NULL DEFAULT '',
    languages varchar(8)[] NOT NULL DEFAULT '{}',
    grp bigint REFERENCES tour_group (id) ON DELETE SET NULL ON UPDATE CASCADE
);
CREATE INDEX IF NOT EXISTS tour_interpreter_event ON tour_interpreter (event);
CREATE INDEX IF NOT EXISTS tour_interpreter_grp ON tour_interpreter (grp);
CREATE TABLE IF NOT EXISTS tour_stop_interpreter (
    id bigserial PRIMARY KEY NOT NULL,
    stop bigint NOT NULL REFERENCES tour_stop (id) ON DELETE CASCADE ON UPDATE CASCADE,
    interpreter bigint NOT NULL REFERENCES tour_interpreter (id) ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT uq_tour_stop_interpreter UNIQUE (stop, interpreter)
);
CREATE INDEX IF NOT EXISTS tour_stop_interpreter_interpreter ON tour_stop_interpreter (interpreter);
"""

ID = "2026-11-29T19:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "how people of a tour travel"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run():
        await engine_finder().current_transaction.get().connection.execute(JOURNEYS)

    manager.add_raw(run)
    return manager

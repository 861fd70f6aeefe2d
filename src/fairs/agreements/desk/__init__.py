"""The signing desk 签约台: two badges lead to the agreement between their people."""

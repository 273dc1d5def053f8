"""What an event variable is learnt by, and what a sample of events is made of."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from core.learning.options import BatchSize, LearningRate, TrainingShare, ValidationShare, Widths, leave_held_out_events

TopologyName = Literal["two_visible", "visible_invisible", "pair"]


class VariableConfig(BaseModel):
    """Set up the learning of an event variable; blueprints add fields of their own.

    Forms, command-line options and validation are made from these fields.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    theta: str = Field(
        "",
        title="θ",
        description="column of the parameter, such as a mass; it is never an input. The first protected column if not "
        "given",
    )
    known: tuple[str, ...] = Field(
        (),
        max_length=12,
        title="known variables",
        description="columns to compare with what is learnt, never trained on; if not given, all protected columns but "
        "θ. The learnt variable rises with the first one",
    )
    kind: Literal["variable", "selector", "categoriser"] = Field(
        "variable",
        title="kind",
        description="variable: any number; selector: the probability to select an event; categoriser: one of some "
        "categories",
    )
    size: int = Field(1, ge=1, le=4, title="size of v", description="how many variables are learnt together")
    categories: int = Field(3, ge=2, le=16, title="categories", description="of a categoriser")
    complement: str = Field(
        "",
        title="complement to",
        description="a known column that the auxiliary network sees too, so that v learns only what this one lacks",
    )
    decorrelate: str = Field(
        "",
        title="decorrelate from",
        description="a known column that v must not depend on, on background if there is any",
    )
    penalty: str = Field(
        "disco", title="penalty", description="measure of that dependence: a method of unlearning that is a penalty"
    )
    lam: float = Field(
        3.0,
        ge=0,
        le=1e5,
        title="λ",
        description="weight of that dependence beside the cross entropy; 0 leaves it free",
    )
    cut: str = Field(
        "",
        title="pre-selection",
        description="a column whose cut is not fixed yet: events must reach a threshold, drawn anew in each step",
    )
    cut_low: float | None = Field(
        None, ge=-1e12, le=1e12, title="lowest threshold", description="of that cut; all events pass it if not given"
    )
    cut_high: float | None = Field(
        None, ge=-1e12, le=1e12, title="highest threshold", description="of that cut; half of all pass it if not given"
    )  # fmt: skip
    epochs: int = Field(30, ge=1, le=5_000, title="epochs", description="passes over the training events")
    batch_size: BatchSize = Field(
        5000, description="events per step; a small sample is cut into at least eight batches"
    )
    learning_rate: LearningRate = 1e-2
    hidden: Widths = Field((128, 64, 64, 64, 32), description="widths of the main network, from features to v")
    auxiliary: Widths = Field(
        (16, 16, 16), title="auxiliary layers", description="widths of the network that classifies by v and parameters"
    )
    train_fraction: TrainingShare = 0.6
    validation_fraction: ValidationShare = Field(
        0.1, description="share of the events that the live view shows; the rest is held out"
    )

    @model_validator(mode="after")
    def _agree(self) -> VariableConfig:
        leave_held_out_events(self)
        if self.kind != "variable" and self.size > 1:
            raise ValueError(f"a {self.kind} of size {self.size}; allowed: 1, only a variable can have more")
        if self.cut_low is not None and self.cut_high is not None and self.cut_low >= self.cut_high:
            raise ValueError(f"thresholds from {self.cut_low:g} to {self.cut_high:g}: the first must be smaller")
        if len(set(self.known)) < len(self.known):
            raise ValueError(f"known variables {', '.join(self.known)}: a name is there twice")
        return self

    @property
    def n_outputs(self) -> int:
        """Return the number of outputs of the main network."""
        return {"variable": self.size, "selector": 1, "categoriser": self.categories}[self.kind]


class PriorityConfig(VariableConfig):
    """Set up a blueprint that averages over θ."""

    priority: Literal["sample", "flat", "gaussian"] = Field(
        "sample",
        title="priority",
        description="how much each θ matters: as the signal events are distributed, all alike, or a Gaussian",
    )
    priority_centre: float | None = Field(
        None,
        ge=-1e12,
        le=1e12,
        title="centre of the priority",
        description="of the Gaussian, in units of θ; the middle of its range if not given",
    )
    priority_width: float | None = Field(
        None,
        gt=0,
        le=1e12,
        title="width of the priority",
        description="σ of the Gaussian, in units of θ; a sixth of its range if not given",
    )


class EstimationConfig(PriorityConfig):
    """Set up a blueprint that estimates θ."""

    background_share: float = Field(
        0.0,
        ge=0,
        le=0.99,
        title="background share",
        description="share of the events to be measured that are background, which knows nothing of θ; 0 takes signal "
        "events only",
    )


class SampleConfig(BaseModel):
    """Set up a sample of events of one topology."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    topology: TopologyName = Field("two_visible", title="topology", description="what is produced and how it decays")
    events: int = Field(200_000, ge=100, le=5_000_000, title="events", description="signal and background together")
    theta_low: float = Field(20.0, gt=0, le=1e5, title="lowest θ", description="mass of the parent [GeV]")
    theta_high: float = Field(500.0, gt=0, le=1e5, title="highest θ", description="mass of the parent [GeV]")
    shape: Literal["gaussian", "breit_wigner"] = Field(
        "gaussian", title="shape of the resonance", description="how the true mass is distributed around θ"
    )
    width: float = Field(
        0.02, ge=0, le=0.5, title="width", description="σ or Γ of the resonance as a share of θ; 0 is sharp"
    )
    invisible_mass: float = Field(
        0.0, ge=0, le=1e5, title="invisible mass", description="of each invisible particle [GeV]; known to m_T2"
    )
    recoil: float = Field(
        20.0,
        ge=0,
        le=1e4,
        title="recoil",
        description="mean transverse momentum that the parents together have [GeV]; 0 is none",
    )
    momentum: float = Field(
        1000.0,
        ge=0,
        le=1e4,
        title="momentum of a pair",
        description="mean of either parent's momentum in the rest frame of both [GeV], exponential and the same for "
        "all θ; where it is small, all momenta tell of the mass",
    )
    background: float = Field(
        0.0, ge=0, le=0.95, title="background", description="share of the events that come from no resonance"
    )

    @model_validator(mode="after")
    def _agree(self) -> SampleConfig:
        if not self.theta_low < self.theta_high:
            raise ValueError(f"θ from {self.theta_low:g} to {self.theta_high:g}: the first must be smaller")
        if self.invisible_mass and self.invisible_mass >= 0.9 * self.theta_low:
            raise ValueError(
                f"an invisible mass of {self.invisible_mass:g} GeV leaves a parent of {self.theta_low:g} GeV no decay; "
                "allowed: below 90 % of the lightest parent"
            )
        if self.invisible_mass and self.topology == "two_visible":
            raise ValueError("two_visible has no invisible particle; allowed: an invisible mass of 0")
        return self

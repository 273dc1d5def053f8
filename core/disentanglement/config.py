"""What every model of disentanglement is set up by; models add fields of their own."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from core.learning.options import TrainingShare, ValidationShare, leave_held_out_events


class VAEConfig(BaseModel):
    """Set up an autoencoder, and the classifier that follows it; models add fields of their own.

    Forms, command-line options and validation are made from these fields.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    latent: int = Field(
        10,
        ge=2,
        le=64,
        title="latent dimensions",
        description="size of z, with those that hold the protected variables",
    )
    beta: float = Field(
        4.0, ge=0, le=1e4, title="β", description="weight of the term of the ELBO that makes the latent independent"
    )
    supervision: float = Field(
        100.0,
        ge=0,
        le=1e4,
        title="λ_s",
        description="weight of the term that ties one latent dimension to each protected variable; with 0, the "
        "dimension that shares most information with a protected variable is taken out",
    )
    epochs: int = Field(
        20, ge=1, le=5_000, title="epochs", description="passes of the autoencoder over the training events"
    )
    batch_size: int = Field(
        512,
        ge=32,
        le=65_536,
        title="batch size",
        description="events per step; the time of a step grows with its square",
    )
    learning_rate: float = Field(2e-3, gt=0, le=1, title="learning rate", description="peak of the one-cycle schedule")
    hidden: tuple[Annotated[int, Field(ge=1, le=4096)], ...] = Field(
        (128, 128), min_length=1, max_length=12, title="hidden layers",
        description="width of each hidden layer of the encoder; the decoder has them in reverse",
    )  # fmt: skip
    resolution: float = Field(
        0.4,
        ge=0.01,
        le=10,
        title="resolution",
        description="width of the decoder in standard deviations of a feature: differences below it need not be told "
        "apart; a coarse one lets dimensions almost die, whose means then tell more than their draws, a fine one "
        "outweighs the terms that make them independent",
    )
    signal_share: float = Field(
        0.0,
        ge=0,
        lt=1,
        title="share of signal",
        description="share of the signal in the weights that the autoencoder learns with; with 0 the latent is made "
        "independent on background alone, as it must be: where signal and background differ in a protected variable, "
        "a latent that is independent on their mixture and tells them apart is not independent on either",
    )
    estimator: Literal["stratified", "weighted"] = Field(
        "stratified",
        title="estimator of q(z)",
        description="how a batch estimates the density of the latent: minibatch-stratified (unbiased in its weights) "
        "or minibatch-weighted sampling",
    )
    downstream: str = Field(
        "baseline", title="classifier", description="method that trains the classifier on the latent that is left"
    )
    downstream_epochs: int = Field(
        20, ge=1, le=5_000, title="classifier's epochs", description="passes of the classifier over the training events"
    )
    downstream_lam: float = Field(
        0.0,
        ge=0,
        le=1e5,
        title="classifier's λ",
        description="λ of the classifier's method; 0 takes that method's default",
    )
    train_fraction: TrainingShare = Field(0.5, description="share of the events that both networks learn from")
    validation_fraction: ValidationShare = Field(0.1, description="share of the events that choose the best epoch")

    _leaves_held_out_events = model_validator(mode="after")(leave_held_out_events)

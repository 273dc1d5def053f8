"""What each number on the pages means, written once: metrics, headers of tables and helps show it on hover."""

from core.events.categories import FEW_VALUES

DEFINITIONS = {
    "n_effective": "N_eff = (Σw)²/Σw²: the number of unweighted events of the same statistical power.",
    "n_effective_even": (
        "N_eff at even odds: (Σw)²/Σw² after the weights of each class are scaled so that signal and background weigh "
        "alike, as where a classifier learns and is judged. N_eff without that is of the weights as they are."
    ),
    "rejection": "One over the share of background that passes the cut which keeps half of the signal (R50).",
    "auc": "Area under the curve of signal efficiency against background efficiency; ½ is guessing.",
    "jsd": (
        "One over the Jensen-Shannon divergence (in nats) between the spectra of background that passes and that fails "
        "the cut, in 50 equal bins over the central 99.8 %, or one a value of a variable that takes at most "
        f"{FEW_VALUES}; large is flat. The limit is what statistics give a score that knows nothing of the variable."
    ),
    "mi": (
        "Mutual information of score and protected variable on background, in nats; "
        "0 when the score knows nothing of it."
    ),
    "limit": "1/JSD that statistics give a score which knows nothing of the protected variable: more is luck.",
    "times_less": "JSD of the first run over that of this one.",
    "on_front": "No other point has a higher AUC and a higher 1/JSD.",
    "front_area": (
        "Area that the front dominates in the plane of AUC (from 0.7) and log₁₀ 1/JSD (from 0.3): "
        "larger is better. A method with more points can only gain."
    ),
    "bins": (
        "Variables are cut into B bins of equal content, or one for each of few values. I hardly depends on B as long "
        "as there are 10 B² events; entropies do, and with them D, U, IQR and NMI."
    ),
    "abcd_ratio": (
        "N_B N_C / N_D over the true background in A, on held-out events: 1 where the count closes. The error is "
        "statistical."
    ),
    "abcd_contamination": (
        "r = (δ_B + δ_C − δ_D)/δ_A with δ = S/B in each region: how much of a signal in A comes back as background, "
        "because signal leaks into the regions that count it."
    ),
    "abcd_efficiency": "Share of all signal that passes both cuts.",
    "abcd_rejection": "Background over the background that passes both cuts.",
    "latent": (
        "The autoencoder squeezes each event into K numbers z₁ … z_K, its latent dimensions: a Gaussian q(z|x), from "
        "which a decoder makes the features again. One dimension z′ for each protected variable is tied to it; the "
        "classifier sees the means of the others."
    ),
    "mig": (
        "Mutual information gap, the mean over protected variables of (I of the dimension that knows most − I of the "
        "next one) / H of the variable: 1 when one dimension holds it alone and wholly, 0 when two share it alike."
    ),
    "elbo": (
        "Evidence lower bound on log p(x), in nats an event: −(reconstruction + index-code + total correlation + "
        "dimension-wise KL). Larger is a better description of the events."
    ),
    "reconstruction": "−E log p(x|z) of standardised features: small when the decoder finds the event again.",
    "index_code": "Index-code mutual information I(x; z): what the latent knows of the event.",
    "total_correlation": "KL(q(z) ‖ Π q(z_j)): 0 when the latent dimensions are independent of one another.",
    "dimension_wise": "Σ KL(q(z_j) ‖ p(z_j)): how far each dimension is from its prior, a standard Gaussian.",
    "tight": (
        "Jensen-Shannon divergence, in nats, between the spectra of background that passes and that fails a cut at "
        "this background rejection; small is flat. The limit is what statistics give a score that knows nothing of "
        "the variable: below it, none can be told from a perfect one."
    ),
    "traversal": (
        "What the decoder makes of one dimension when it moves and all others stay at their mean; each feature in "
        "units of its standard deviation."
    ),
    "sets_auc": (
        "Area under the curve of signal efficiency against background efficiency, of sets or of single events; "
        "½ is guessing. The error is the spread over bootstrap replicas of the sets."
    ),
    "sets_behind": (
        "AUC of the product f₁→ₙ minus that of this classifier, on the same sets; of single events, that of f₁. "
        "The error is that of the difference, by the same replicas, and so smaller than those of its terms."
    ),
    "sets_size": "How many events of one class are judged together.",
    "theta_resolution": "Root mean square of θ̂ − θ over all judged sets, with its standard error.",
    "theta_bias": "Mean of θ̂ − θ over all judged sets, with its standard error.",
    "sets_product": (
        "Events are independent: p(x₁, …, xₙ|signal)/p(x₁, …, xₙ|background) is the product of the ratios of the "
        "events. So a classifier of single events, multiplied over a set, can be as good as any network of whole sets."
    ),
    "theta_ways": (
        "Likelihood: a classifier f(x, θ) of joint against shuffled pairs, its product over the set made largest. One "
        "step: max over θ of min over f, without learning a likelihood. Per set: a network of whole sets by the mean "
        "squared error. Posterior: the mean of θ under the same products and the prior of the training sets."
    ),
    "label_information": (
        "I(label; x) of a label ±1 and x ~ N(±ε, 1), at even odds: log 2 at most. A classifier of joint against "
        "shuffled pairs gives it as the mean of ln f; the dashed line is the exact integral."
    ),
    "calibration": (
        "ẑ is the calibrated answer, z the truth. The bulk are the truths that all training spectra cover well: the "
        "central 90 % of each, and two resolutions off its ends. The error of a shift is that of the events; "
        "it does not know what another training would give."
    ),
    "closure": (
        "Mean of ẑ − z, or of ẑ/z, of events that no training saw, with its standard error. In bins of the truth a "
        "calibration without a prior is flat under every test spectrum; the mean squared error is flat in bins of its "
        "own answer, and only under its own training spectrum. The median is on hover and in the files."
    ),
    "bulk_bias": "Mean of ẑ − z in the bulk of the training spectrum, with its standard error.",
    "worst_bin": "Largest absolute mean of ẑ − z of a bin in the bulk.",
    "bulk_ratio": "Mean of ẑ/z in the bulk of the training spectrum, with its standard error.",
    "bulk_resolution": "Standard deviation of ẑ − z in the bulk, with its standard error.",
    "pull": "Standard deviation of (ẑ − z)/σ in the bulk: 1 where the predicted σ is right. "
    "The mean squared error predicts none.",
    "truth_information": (
        "I(features; truth) under the training spectrum, in nats: the bound that the Gaussian Ansatz maximises, on "
        "events it did not learn from."
    ),
    "exact_information": "By numerical integration, for the Gaussian toy.",
    "learnt": (
        "The main network makes v of an event; an auxiliary network sees v and θ alone and must tell hypotheses apart. "
        "Both learn together, so that v becomes what helps most. Kendall's τ is 1 when v orders events as the known "
        "variable does; I/H is the share of the known variable's information that v holds."
    ),
    "tau": "Kendall's τ_b of the learnt and the known variable on signal events: 1 when both order events alike.",
    "known_information": "Mutual information of the learnt and the known variable in nats, from equally filled bins.",
    "known_share": "That mutual information over the entropy of the binned known variable: 1 when v tells it exactly.",
}
"""Term → its definition, with formula and unit."""

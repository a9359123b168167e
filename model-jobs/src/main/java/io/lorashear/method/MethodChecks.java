package io.lorashear.method;

import io.lorashear.gate.ShearedSettings;
import io.lorashear.policy.Choice;
import io.lorashear.policy.ProfileUse;
import io.lorashear.saliency.SaliencySettings.By;
import io.lorashear.saliency.SaliencySettings.Measure;
import io.lorashear.saliency.Score;
import io.lorashear.settings.Problems;
import io.lorashear.settings.Settings;
import io.lorashear.shape.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Checks settings that only some pruning methods read, or that contradict the method. */
final class MethodChecks {
  private final PruneSettings settings;
  private final Problems problems;
  private final Method method;
  private final String chosen; // the method's name in settings

  MethodChecks(PruneSettings settings, Problems problems) {
    this.settings = settings;
    this.problems = problems;
    this.method = settings.method();
    this.chosen = Settings.word(method);
  }

  /** Settings that one method alone reads. */
  private record Own(Method method, String name, Optional<? extends Record> given) {}

  private List<Own> own() {
    return List.of(
        new Own(Method.MAGNITUDE, "magnitude", settings.magnitude()),
        new Own(Method.SHEARED_LLAMA, "sheared", settings.sheared()),
        new Own(Method.DDP, "ddp", settings.ddp()),
        new Own(Method.DEPTH, "depth", settings.depth()),
        new Own(Method.LLM_PRUNER, "llmPruner", settings.llmPruner()),
        new Own(Method.LORA_PRUNE, "loraPrune", settings.loraPrune()));
  }

  /** Reports everything. */
  void check() {
    checkRounds();
    checkFisher();
    if (settings.allocation().enabled()) {
      checkAllocation();
    }
    for (var own : own()) {
      problems.require(
          own.given().isEmpty() || own.method() == method,
          own.name(),
          "is given, but method is %s, which does not read it: leave it out, or choose the"
              + " method %s",
          chosen,
          Settings.word(own.method()));
    }
    problems.require(
        !settings.compensation().wanted()
            || settings.compensation().beside()
            || !method.method().refitsItself(),
        "compensation.rows",
        "is %s, but method is %s, which has a way of its own with what stays: set it to 0",
        settings.compensation().rows(),
        chosen);
    boolean scores = method.method() instanceof ByScore;
    problems.require(
        settings.choice().isEmpty() || scores,
        "choice",
        "is %s, but method is %s, which chooses in a way of its own: leave it out",
        settings.choice().map(Settings::word).orElse(""),
        chosen);
    int stay = settings.own(settings.sheared(), ShearedSettings.class).layers();
    problems.require(
        stay == 0 || settings.shape() == Shape.FREE,
        "sheared.layers",
        "is %s, but shape is %s, which has all layers: set shape to free",
        stay,
        Settings.word(settings.shape()));
    int hidden = settings.own(settings.sheared(), ShearedSettings.class).hidden();
    problems.require(
        hidden == 0 || settings.shape() == Shape.FREE || settings.shape() == Shape.UNIFORM_FFN,
        "sheared.hidden",
        "is %s, but shape is %s, whose rules are about today's residual stream: set"
            + " shape to free or uniform-ffn",
        hidden,
        Settings.word(settings.shape()));
    if (settings.byResidualChannel()) {
      checkResidualChannels();
    }
    if (method == Method.DEPTH) {
      checkDepth(settings.shape() == Shape.UNIFORM || settings.shape() == Shape.UNIFORM_FFN);
    }
    boolean local =
        method.method() instanceof ByScore rule
            && settings.choice().orElse(rule.usually()) == Choice.LOCAL;
    boolean ownShares = !local && !method.method().sameShare();
    var remedy = local ? "set choice to global, or " : "";
    problems.require(
        ownShares || settings.shape() != Shape.DECI,
        "shape",
        "is deci, which takes whole attentions and layers, but the method %s takes the same"
            + " share of every axis: %schoose another shape",
        chosen,
        remedy);
    problems.require(
        ownShares || settings.profileAs() == ProfileUse.PROTECT,
        "profileAs",
        "is budget, which gives every axis a share of its own, but the method %s takes"
            + " the same of each: %sset profileAs to protect",
        chosen,
        remedy);
  }

  private void checkRounds() {
    int rounds = settings.rounds();
    problems.require(rounds >= 1, "rounds", "is %s: at least one round is needed", rounds);
    boolean scores = method.method() instanceof ByScore && method != Method.RANDOM;
    problems.require(
        rounds <= 1 || scores || method == Method.LHSPG,
        "rounds",
        "is %s, but method is %s, which does not score every group on the model as it is: set it to"
            + " 1, or choose lhspg, fisher, taylor, magnitude or llm-pruner",
        rounds,
        chosen);
    problems.require(
        rounds <= 1 || !settings.byResidualChannel(),
        "rounds",
        "is %s, but llmPruner.by is channel: with channels at zero the norms give other values than"
            + " without them, set it to 1",
        rounds);
    if (rounds > 1 && method == Method.LHSPG) {
      checkRoundsBefore(rounds);
    }
  }

  /** What contradicts groups that are found before pairs are trained. */
  private void checkRoundsBefore(int rounds) {
    int periods = Math.max(1, settings.lhspg().periods());
    problems.require(
        rounds % periods == 0,
        "rounds",
        "is %s, and lhspg.periods is %s, each of which removes the groups of whole rounds: give a"
            + " multiple of it, for example %s",
        rounds,
        periods,
        2 * periods);
    final String found = "is %s, and with lhspg rounds find the groups on the dense model, ";
    problems.require(
        Arrays.stream(Score.values()).allMatch(score -> settings.saliency().weight(score) == 0),
        "rounds",
        found
            + "where scores of pairs say nothing: give weight to saliency.fisher or"
            + " saliency.gradient alone, or set it to 1",
        rounds);
    problems.require(
        settings.saliency().measure() == Measure.ONCE,
        "rounds",
        found + "but saliency.measure is period: set that to once, or rounds to 1",
        rounds);
    problems.require(
        settings.lora().adapter().isEmpty(),
        "rounds",
        found + "but lora.adapter has pairs that are trained already: set it to 1",
        rounds);
    problems.require(
        !settings.allocation().enabled(),
        "rounds",
        found
            + "but allocation.enabled is true, which gives every axis its width: leave one of"
            + " the two out",
        rounds);
  }

  /** What only methods that choose by Fisher information read. */
  private void checkFisher() {
    boolean used =
        method == Method.FISHER || (method == Method.LHSPG && settings.saliency().fisher() > 0);
    var named = chosen + (method == Method.LHSPG ? " and saliency.fisher 0" : "");
    var unused =
        "is %s, but method is %s, which does not choose by Fisher information: set it to %s";
    problems.require(
        !settings.saliency().joint() || used, "saliency.joint", unused, true, named, false);
    problems.require(
        settings.saliency().by() == By.ROW || used,
        "saliency.by",
        unused,
        "position",
        named,
        "row");
    problems.require(
        !settings.saliency().residual() || used, "saliency.residual", unused, true, named, false);
    problems.require(
        !settings.saliency().joint() || settings.choice().orElse(Choice.GLOBAL) == Choice.GLOBAL,
        "saliency.joint",
        "is true, but choice is local: which groups go together is a matter of the whole model, set"
            + " choice to global");
    problems.require(
        !settings.saliency().residual() || settings.compensation().wanted(),
        "saliency.residual",
        "is true, but compensation.rows is 0, so nothing makes up for what goes: give"
            + " compensation.rows, for example 8");
  }

  /** What contradicts widths that are chosen by measured losses. */
  private void checkAllocation() {
    var key = "allocation.enabled";
    problems.require(
        method.method() instanceof ByScore || method == Method.LHSPG,
        key,
        "is true, but method is %s, which decides in a way of its own how much each axis loses:"
            + " leave it out, or choose lhspg, fisher, taylor, magnitude, random or llm-pruner",
        chosen);
    problems.require(
        settings.choice().isEmpty(),
        key,
        "is true, but choice is %s, and groups of one axis compete for what is allocated to it:"
            + " leave choice out",
        settings.choice().map(Settings::word).orElse(""));
    problems.require(
        settings.shape() == Shape.FREE,
        key,
        "is true, but shape is %s, which has a rule of its own for widths: set shape to free",
        Settings.word(settings.shape()));
    problems.require(
        settings.profileAs() == ProfileUse.PROTECT,
        key,
        "is true, but profileAs is budget, which also gives every axis a share of its own: set it"
            + " to protect");
    problems.require(
        !settings.experts(),
        key,
        "is true, but experts is true, and without an expert its tokens go to others, which is not"
            + " measured: leave one of the two out");
    problems.require(
        !settings.byResidualChannel(),
        key,
        "is true, but llmPruner.by is channel: there is one axis only, leave it out");
    problems.require(
        settings.allocation().rows() <= settings.rows(),
        "allocation.rows",
        "is %s, but rows is %s: what is measured is part of what is drawn",
        settings.allocation().rows(),
        settings.rows());
  }

  /** One axis that runs through the whole model has neither layers nor widths of MLPs. */
  private void checkResidualChannels() {
    var key = "llmPruner.by";
    var channel = "is channel, which takes the same channels out of all layers, but ";
    problems.require(
        settings.protect().isEmpty(),
        key,
        "%sprotect names %s: no layer stays as it is, leave it out",
        channel,
        settings.protect());
    problems.require(
        settings.profile().isEmpty(),
        key,
        "%sthere is a profile, which tells layers apart: leave it out",
        channel);
    problems.require(
        !settings.experts(), key, "%sexperts is true: leave one of the two out", channel);
    problems.require(
        settings.shape() == Shape.FREE,
        key,
        "%sshape is %s, which is about widths inside layers: leave it out",
        channel,
        Settings.word(settings.shape()));
    problems.require(
        !settings.compensation().wanted(),
        key,
        "%scompensation.rows is %s: set it to 0",
        channel,
        settings.compensation().rows());
  }

  private void checkDepth(boolean alike) {
    problems.require(
        !alike,
        "shape",
        "is %s, but the method depth leaves layers without attention and MLP: choose the"
            + " shape free or deci",
        Settings.word(settings.shape()));
    problems.require(
        settings.profileAs() == ProfileUse.PROTECT,
        "profileAs",
        "is budget, but the method depth takes all of an axis or nothing: set it to protect");
    problems.require(
        settings.byWidth() || !settings.compensation().wanted() || settings.compensation().beside(),
        "compensation.rows",
        "is %s, but the method depth leaves nothing that reads what it takes out:"
            + " set it to 0, or depth.rest to width",
        settings.compensation().rows());
  }
}

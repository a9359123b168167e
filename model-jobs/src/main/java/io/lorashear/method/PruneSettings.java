package io.lorashear.method;

import io.lorashear.checkpoint.OutputType;
import io.lorashear.compensate.CompensationSettings;
import io.lorashear.depth.DepthSettings;
import io.lorashear.depth.DepthSettings.Rest;
import io.lorashear.gate.DdpSettings;
import io.lorashear.gate.ShearedSettings;
import io.lorashear.graph.AxisRole;
import io.lorashear.lora.LoraSettings;
import io.lorashear.optim.AdamSettings;
import io.lorashear.optim.LhspgSettings;
import io.lorashear.optim.LoraPruneSettings;
import io.lorashear.policy.Choice;
import io.lorashear.policy.Policy;
import io.lorashear.policy.ProfileUse;
import io.lorashear.reconstruct.ReconstructionSettings;
import io.lorashear.saliency.SaliencySettings;
import io.lorashear.saliency.SaliencySettings.By;
import io.lorashear.settings.Default;
import io.lorashear.settings.Problems;
import io.lorashear.settings.Settings;
import io.lorashear.settings.Withers;
import io.lorashear.shape.Shape;
import io.lorashear.train.TrainSettings;
import io.lorashear.vocabulary.VocabularySettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What is removed, by which method, and where the pruned checkpoint is published.
 *
 * @param checkpoint the dense model: a Hugging Face directory or a GGUF file
 * @param corpus published sequences; the same number of training rows is drawn from every source
 * @param profile knowledge profile that {@code analyze} published; without it only the axes in
 *     {@code protect} are protected
 * @param output the pruned checkpoint
 * @param method pruning method; see docs/methods.md
 * @param ratio share of all parameters of the model, embeddings included, that is pruned
 * @param shape shape of the smaller model, which determines the programs that load it
 * @param multiple number that every MLP width is a multiple of, or, with {@code llmPruner.by:
 *     channel}, the width of the residual stream
 * @param cap maximum share of one axis that may be pruned
 * @param unprunable γ, share of the axes that the profile protects; lowered if the ratio could not
 *     be reached otherwise
 * @param profileAs what the profile does: protect the γ most sensitive axes, or give every axis a
 *     budget by what pruning it costs
 * @param protect names of axes that are not pruned
 * @param experts whether whole experts are removed, instead of channels inside them
 * @param choice which groups compete: those of the whole model, or those of one axis; the method's
 *     own way if unset
 * @param rounds number of rounds of a method that scores every group: in each it prunes an equal
 *     part of the budget, refits what is kept if compensation is on, and scores the smaller model
 *     anew
 * @param rows rows drawn from each source
 * @param seed seed of the draw of rows, of their order and of LoRA's initial weights
 * @param outputType number type that the smaller model's weights are written in
 * @param vocabulary tokens that are removed before the body is pruned; all methods can have it
 * @param magnitude settings of the method magnitude
 * @param sheared settings of the method sheared-llama
 * @param ddp settings of the method ddp
 * @param depth settings of the method depth
 * @param llmPruner settings of the method llm-pruner
 * @param loraPrune settings of the method lora-prune
 */
public record PruneSettings(
    Path checkpoint,
    Path corpus,
    Optional<Path> profile,
    Path output,
    @Default("lhspg") Method method,
    @Default("0.2") double ratio,
    @Default("free") Shape shape,
    @Default("1") int multiple,
    @Default("0.8") double cap,
    @Default("0.2") double unprunable,
    @Default("protect") ProfileUse profileAs,
    @Default("[]") List<String> protect,
    @Default("false") boolean experts,
    Optional<Choice> choice,
    @Default("1") int rounds,
    @Default("13") int rows,
    @Default("1") long seed,
    @Default("keep") OutputType outputType,
    LoraSettings lora,
    LhspgSettings lhspg,
    SaliencySettings saliency,
    CompensationSettings compensation,
    ReconstructionSettings reconstruction,
    TrainSettings train,
    AdamSettings adam,
    VocabularySettings vocabulary,
    Optional<MagnitudeSettings> magnitude,
    Optional<ShearedSettings> sheared,
    Optional<DdpSettings> ddp,
    Optional<DepthSettings> depth,
    Optional<LlmPrunerSettings> llmPruner,
    Optional<LoraPruneSettings> loraPrune)
    implements Policy, Withers<PruneSettings> {

  private static final List<Integer> MULTIPLES = List.of(1, 8, 32, 64, 128, 256);

  /** Settings that one method alone reads. */
  private record Own(Method method, String name, Optional<? extends Record> given) {}

  private List<Own> own() {
    return List.of(
        new Own(Method.MAGNITUDE, "magnitude", magnitude),
        new Own(Method.SHEARED_LLAMA, "sheared", sheared),
        new Own(Method.DDP, "ddp", ddp),
        new Own(Method.DEPTH, "depth", depth),
        new Own(Method.LLM_PRUNER, "llmPruner", llmPruner),
        new Own(Method.LORA_PRUNE, "loraPrune", loraPrune));
  }

  /** Settings of one method alone: those given, or their defaults. */
  public <T extends Record> T own(Optional<T> given, Class<T> type) {
    return given.orElseGet(() -> Settings.defaults(type, List.of()));
  }

  /** The same settings for a model that has lost its tokens, and is pruned by another ratio. */
  public PruneSettings ofBody(double ratio) {
    var body = new VocabularySettings(false, vocabulary.tokens());
    return with(PruneSettings::ratio).as(ratio).with(PruneSettings::vocabulary).as(body);
  }

  private boolean byResidualChannel() {
    return method == Method.LLM_PRUNER
        && own(llmPruner, LlmPrunerSettings.class).by() == LlmPrunerSettings.By.CHANNEL;
  }

  @Override
  public Set<AxisRole> structures() {
    return byResidualChannel() ? Set.of(AxisRole.RESIDUAL) : Policy.super.structures();
  }

  @Override
  public boolean byWidth() {
    boolean stream =
        method == Method.SHEARED_LLAMA && own(sheared, ShearedSettings.class).hidden() > 0;
    boolean blocks = method == Method.DEPTH && own(depth, DepthSettings.class).rest() != Rest.WIDTH;
    return !stream && !blocks;
  }

  /** Reports what is out of range. */
  public void check(Problems problems) {
    problems.require(
        ratio > 0 && ratio < 1,
        "ratio",
        "is %s: give a share of all parameters between 0 and 1, for example 0.2",
        ratio);
    problems.require(
        cap > 0 && cap <= 1, "cap", "is %s: give a share of an axis between 0 and 1", cap);
    problems.require(
        unprunable >= 0 && unprunable < 1,
        "unprunable",
        "is %s: give a share of the axes from 0 to below 1",
        unprunable);
    problems.require(
        profileAs == ProfileUse.PROTECT || profile.isPresent(),
        "profileAs",
        "is budget, but there is no profile: name what analyze published");
    problems.require(
        Math.max(compensation.rows(), saliency.rows()) <= rows,
        "compensation.rows",
        "is %s and saliency.rows %s, but rows is %s: what is measured is part of"
            + " what is trained on",
        compensation.rows(),
        saliency.rows(),
        rows);
    problems.require(
        !method.gates() || !compensation.wanted() || compensation.beside(),
        "compensation.rows",
        "is %s, but method is %s, whose masks stay in what reads the groups: set it to 0",
        compensation.rows(),
        Settings.word(method));
    checkRebuilding(problems);
    problems.require(
        MULTIPLES.contains(multiple),
        "multiple",
        "is %s: give one of %s, of which the widths of MLPs are to be multiples",
        multiple,
        MULTIPLES);
    problems.require(
        multiple == 1 || !experts,
        "multiple",
        "is %s, but with experts: true MLPs keep their widths: leave one of the two out",
        multiple);
    problems.require(
        shape == Shape.FREE || profileAs == ProfileUse.PROTECT,
        "profileAs",
        "is budget, but the shape %s knows no budget of a single axis: choose the shape"
            + " free, or profileAs protect",
        Settings.word(shape));
    boolean alike = shape == Shape.UNIFORM || shape == Shape.UNIFORM_FFN;
    problems.require(
        !alike || profile.isEmpty() || unprunable == 0,
        "shape",
        "is %s, which takes the same from every layer, but the profile protects a share of"
            + " %s of the axes: set unprunable to 0, or choose the shape deci or free",
        Settings.word(shape),
        unprunable);
    checkMethod(problems);
    problems.require(rows >= 1, "rows", "is %s: at least one row of every source is needed", rows);
  }

  /** Whether the smaller model's layers are compared with those of the dense model. */
  public boolean rebuilds() {
    return compensation.beside() || reconstruction.wanted();
  }

  /** What compares layers with those of the dense model. */
  private void checkRebuilding(Problems problems) {
    var key = compensation.beside() ? "compensation.towards" : "reconstruction.steps";
    var value =
        compensation.beside() ? Settings.word(compensation.towards()) : reconstruction.steps();
    problems.require(
        !reconstruction.wanted() || reconstruction.rows() <= rows,
        "reconstruction.rows",
        "is %s, but rows is %s: what attentions and MLPs are trained on is part of what is drawn",
        reconstruction.rows(),
        rows);
    problems.require(
        !rebuilds() || lora.adapter().isEmpty(),
        key,
        "is %s, but lora.adapter is set, and the dense model lacks the adapter: merge it first, or"
            + " leave %s out",
        value,
        key);
    int hidden = own(sheared, ShearedSettings.class).hidden();
    problems.require(
        !rebuilds() || hidden == 0,
        key,
        "is %s, but sheared.hidden is %s, and a narrower residual stream cannot be compared with"
            + " the dense one: leave one of the two out",
        value,
        hidden);
    problems.require(
        !reconstruction.wanted() || !byResidualChannel(),
        key,
        "is %s, but llmPruner.by is channel, and a narrower residual stream cannot be compared with"
            + " the dense one: leave one of the two out",
        value);
  }

  /** What only some methods read. */
  private void checkMethod(Problems problems) {
    var chosen = Settings.word(method);
    checkRounds(problems, chosen);
    checkFisher(problems, chosen);
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
        !compensation.wanted() || compensation.beside() || !method.method().refitsItself(),
        "compensation.rows",
        "is %s, but method is %s, which has a way of its own with what stays: set it to 0",
        compensation.rows(),
        chosen);
    boolean scores = method.method() instanceof ByScore;
    problems.require(
        choice.isEmpty() || scores,
        "choice",
        "is %s, but method is %s, which chooses in a way of its own: leave it out",
        choice.map(Settings::word).orElse(""),
        chosen);
    int stay = own(sheared, ShearedSettings.class).layers();
    problems.require(
        stay == 0 || shape == Shape.FREE,
        "sheared.layers",
        "is %s, but shape is %s, which has all layers: set shape to free",
        stay,
        Settings.word(shape));
    int hidden = own(sheared, ShearedSettings.class).hidden();
    problems.require(
        hidden == 0 || shape == Shape.FREE || shape == Shape.UNIFORM_FFN,
        "sheared.hidden",
        "is %s, but shape is %s, whose rules are about today's residual stream: set"
            + " shape to free or uniform-ffn",
        hidden,
        Settings.word(shape));
    if (byResidualChannel()) {
      checkResidualChannels(problems);
    }
    if (method == Method.DEPTH) {
      checkDepth(problems, shape == Shape.UNIFORM || shape == Shape.UNIFORM_FFN);
    }
    boolean local =
        method.method() instanceof ByScore rule && choice.orElse(rule.usually()) == Choice.LOCAL;
    boolean layers = method.method().sameShare();
    var remedy = local ? "set choice to global, or " : "";
    problems.require(
        !local && !layers || shape != Shape.DECI,
        "shape",
        "is deci, which takes whole attentions and layers, but the method %s takes the same"
            + " share of every axis: %schoose another shape",
        chosen,
        remedy);
    problems.require(
        !local && !layers || profileAs == ProfileUse.PROTECT,
        "profileAs",
        "is budget, which gives every axis a share of its own, but the method %s takes"
            + " the same of each: %sset profileAs to protect",
        chosen,
        remedy);
  }

  private void checkRounds(Problems problems, String chosen) {
    problems.require(rounds >= 1, "rounds", "is %s: at least one round is needed", rounds);
    problems.require(
        rounds <= 1 || method.method() instanceof ByScore && method != Method.RANDOM,
        "rounds",
        "is %s, but method is %s, which does not score every group on the model as it is: set it to"
            + " 1, or choose fisher, taylor, magnitude or llm-pruner",
        rounds,
        chosen);
    problems.require(
        rounds <= 1 || !byResidualChannel(),
        "rounds",
        "is %s, but llmPruner.by is channel: with channels at zero the norms give other values than"
            + " without them, set it to 1",
        rounds);
  }

  /** What only methods that choose by Fisher information read. */
  private void checkFisher(Problems problems, String chosen) {
    boolean used = method == Method.FISHER || method == Method.LHSPG && saliency.fisher() > 0;
    var named = chosen + (method == Method.LHSPG ? " and saliency.fisher 0" : "");
    var unused =
        "is %s, but method is %s, which does not choose by Fisher information: set it to %s";
    problems.require(!saliency.joint() || used, "saliency.joint", unused, true, named, false);
    problems.require(
        saliency.by() == By.ROW || used, "saliency.by", unused, "position", named, "row");
    problems.require(!saliency.residual() || used, "saliency.residual", unused, true, named, false);
    problems.require(
        !saliency.joint() || choice.orElse(Choice.GLOBAL) == Choice.GLOBAL,
        "saliency.joint",
        "is true, but choice is local: which groups go together is a matter of the whole model, set"
            + " choice to global");
    problems.require(
        !saliency.residual() || compensation.wanted(),
        "saliency.residual",
        "is true, but compensation.rows is 0, so nothing makes up for what goes: give"
            + " compensation.rows, for example 8");
  }

  /** One axis that runs through the whole model has neither layers nor widths of MLPs. */
  private void checkResidualChannels(Problems problems) {
    var key = "llmPruner.by";
    var channel = "is channel, which takes the same channels out of all layers, but ";
    problems.require(
        protect.isEmpty(),
        key,
        "%sprotect names %s: no layer stays as it is, leave it out",
        channel,
        protect);
    problems.require(
        profile.isEmpty(),
        key,
        "%sthere is a profile, which tells layers apart: leave it out",
        channel);
    problems.require(!experts, key, "%sexperts is true: leave one of the two out", channel);
    problems.require(
        shape == Shape.FREE,
        key,
        "%sshape is %s, which is about widths inside layers: leave it out",
        channel,
        Settings.word(shape));
    problems.require(
        !compensation.wanted(),
        key,
        "%scompensation.rows is %s: set it to 0",
        channel,
        compensation.rows());
  }

  private void checkDepth(Problems problems, boolean alike) {
    problems.require(
        !alike,
        "shape",
        "is %s, but the method depth leaves layers without attention and MLP: choose the"
            + " shape free or deci",
        Settings.word(shape));
    problems.require(
        profileAs == ProfileUse.PROTECT,
        "profileAs",
        "is budget, but the method depth takes all of an axis or nothing: set it to protect");
    problems.require(
        byWidth() || !compensation.wanted() || compensation.beside(),
        "compensation.rows",
        "is %s, but the method depth leaves nothing that reads what it takes out:"
            + " set it to 0, or depth.rest to width",
        compensation.rows());
  }
}

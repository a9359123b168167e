package io.lorashear.method;

import io.lorashear.allocate.AllocationSettings;
import io.lorashear.checkpoint.OutputType;
import io.lorashear.compensate.CompensationSettings;
import io.lorashear.dependency.PruningSpace;
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
import io.lorashear.policy.Limits;
import io.lorashear.policy.Policy;
import io.lorashear.policy.ProfileUse;
import io.lorashear.reconstruct.ReconstructionSettings;
import io.lorashear.saliency.SaliencySettings;
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
 *     anew; lhspg finds its groups so before it trains
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
    AllocationSettings allocation,
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

  /** Settings of one method alone: those given, or their defaults. */
  public <T extends Record> T own(Optional<T> given, Class<T> type) {
    return given.orElseGet(() -> Settings.defaults(type, List.of()));
  }

  /**
   * Refuses a ratio that the limits allow, but the method or an allocation cannot reach.
   *
   * @throws io.lorashear.InputException with the largest ratio that can be reached
   */
  public void requireReach(Limits limits, PruningSpace space) {
    method.method().requireReach(this, limits, space);
    Calibration.requireReach(this, limits, space);
  }

  /** The same settings for a model that has lost its tokens, and is pruned by another ratio. */
  public PruneSettings ofBody(double ratio) {
    var body = new VocabularySettings(false, vocabulary.tokens());
    return with(PruneSettings::ratio).as(ratio).with(PruneSettings::vocabulary).as(body);
  }

  /** Whether channels of the residual stream are removed, through all layers. */
  boolean byResidualChannel() {
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
    new MethodChecks(this, problems).check();
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
}

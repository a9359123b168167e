package io.lorashear.prune;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Named sets of settings; {@code --set} can still change each setting. docs/ablation.md measures
 * the effect of every part.
 */
public enum Recipe {
  /**
   * LoRAShear (arXiv 2310.18356): its form of LHSPG, five scores with equal weights, axes protected
   * by the profile.
   */
  PAPER(
      List.of(
          "method=lhspg",
          "lhspg.mode=paper",
          "saliency.magnitude=0.2",
          "saliency.averageMagnitude=0.2",
          "saliency.cosine=0.2",
          "saliency.taylor1=0.2",
          "saliency.taylor2=0.2",
          "saliency.gradient=0",
          "saliency.fisher=0",
          "compensation.rows=0",
          "profileAs=protect"),
      List.of()),

  /**
   * The settings with the lowest perplexities for the same number of tokens, if a fifth of the
   * parameters is pruned; if half is pruned, {@code saliency.measure=period} with {@code
   * train.learningRate=2e-3} also gave good results.
   */
  BEST(
      List.of(
          "method=lhspg",
          "lhspg.mode=paper",
          "saliency.magnitude=0",
          "saliency.averageMagnitude=0",
          "saliency.cosine=0",
          "saliency.taylor1=0",
          "saliency.taylor2=0",
          "saliency.gradient=0",
          "saliency.fisher=1",
          "saliency.measure=once",
          "saliency.rows=8",
          "compensation.rows=8",
          "profileAs=protect",
          "unprunable=0",
          "lhspg.stepsPerPeriod=24",
          "lhspg.coolDownSteps=16",
          "train.learningRate=5e-4",
          "train.rows=1"),
      List.of("train.rows=1", "train.learningRate=2e-3"));

  private final List<String> prune;
  private final List<String> recover;

  Recipe(List<String> prune, List<String> recover) {
    this.prune = prune;
    this.recover = recover;
  }

  /** Settings of {@code prune}, {@code key=value}. */
  public List<String> prune() {
    return prune;
  }

  /** Settings of {@code recover}, {@code key=value}. */
  public List<String> recover() {
    return recover;
  }

  /** The same as settings of the whole pipeline. */
  public List<String> line() {
    var all = new ArrayList<String>();
    prune.forEach(setting -> all.add("prune." + setting));
    all.addAll(schedule());
    return List.copyOf(all);
  }

  /** The same as settings of a schedule, which recovers but does not prune. */
  public List<String> schedule() {
    return recover.stream().map(setting -> "recover." + setting).toList();
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}

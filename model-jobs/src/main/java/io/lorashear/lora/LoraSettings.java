package io.lorashear.lora;

import io.lorashear.settings.Default;
import io.lorashear.settings.Problems;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Which linears get a pair, and how large.
 *
 * <p>With {@code adapter} the pairs are those of a PEFT adapter, which defines their modules, ranks
 * and scales; of the other settings only the dropout is used then.
 *
 * @param rank r, components of each pair
 * @param alpha the pair's output is scaled by alpha / r, or by alpha / √r with {@code rsLora}
 * @param rsLora rank-stabilised LoRA (arXiv 2312.03732): the scale does not shrink as the rank
 *     grows
 * @param dropout share of A's inputs that is dropped at random during training, in [0, 1)
 * @param targets last words of module names, for example q_proj; empty: every linear inside a block
 *     but routers of experts, which {@code gate} names in a Mixtral
 * @param adapter folder of an adapter to start from; if unset, A is random and B is zero
 */
public record LoraSettings(
    @Default("8") int rank,
    @Default("16") double alpha,
    @Default("false") boolean rsLora,
    @Default("0") double dropout,
    @Default("[]") List<String> targets,
    Optional<Path> adapter) {

  /** New pairs, scaled by alpha / r. */
  public LoraSettings(int rank, double alpha, List<String> targets) {
    this(rank, alpha, targets, Optional.empty());
  }

  /** Scaled by alpha / r. */
  public LoraSettings(int rank, double alpha, List<String> targets, Optional<Path> adapter) {
    this(rank, alpha, false, 0, targets, adapter);
  }

  /** s = alpha / r, or alpha / √r. */
  public double scale() {
    return alpha / (rsLora ? Math.sqrt(rank) : rank);
  }

  /** The same pairs with another rank, which the scale follows. */
  public LoraSettings ofRank(int other) {
    return new LoraSettings(other, alpha, rsLora, dropout, targets, adapter);
  }

  void check(Problems problems) {
    problems.require(
        rank >= 1 && rank <= 4096, "rank", "is %s: give a whole number from 1 to 4096", rank);
    problems.require(
        alpha > 0, "alpha", "is %s: give a positive number, for example twice the rank", alpha);
    problems.require(
        dropout >= 0 && dropout < 1,
        "dropout",
        "is %s: give a share in [0, 1), for example 0.05",
        dropout);
  }
}

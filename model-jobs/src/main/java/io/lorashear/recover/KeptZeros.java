package io.lorashear.recover;

import io.lorashear.InputException;
import io.lorashear.graph.BlockMatrix;
import io.lorashear.sparse.SparsityRecord;
import io.lorashear.torch.kernel.Sparsity;
import io.lorashear.train.AdaptedModel;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Recovery that keeps the zeros of a sparse checkpoint, by SparsePEFT of SQFT (arXiv 2410.03750):
 * the product of a LoRA pair is masked where the weight is zero, in training and when the pair is
 * merged.
 *
 * <pre>
 *   y = (W + s·(B A)∘M) x,   M = [W ≠ 0]
 * </pre>
 */
final class KeptZeros {
  private static final String PAIRS =
      "a pair whose product is left out where weights are zero has no input of its own to drop, and"
          + " no adapter says it. Leave that out, or set keepZeros to false";
  private static final String WHOLE =
      "weights that learn as a whole do not stay zero. Leave that out, or set keepZeros to false";

  private KeptZeros() {}

  /** The setting by which zeros could not stay; empty if there is none. */
  static Optional<String> filler(RecoverSettings settings) {
    var lora = settings.lora();
    if (!settings.learn().pairs()) {
      return Optional.of("learn.weights");
    }
    if (lora.adapter().isPresent()) {
      return Optional.of("lora.adapter");
    }
    return lora.dropout() > 0 ? Optional.of("lora.dropout") : Optional.empty();
  }

  /** Why, and what to do. */
  static String reason(RecoverSettings settings) {
    return settings.learn().pairs() ? PAIRS : WHOLE;
  }

  /**
   * The record of the zeros to keep; empty if none are kept.
   *
   * @throws InputException if zeros should be kept but no record exists, or if other settings
   *     contradict that
   */
  static Optional<SparsityRecord> of(RecoverSettings settings) {
    if (!settings.keepZeros().orElse(true)) {
      return Optional.empty();
    }
    var record = SparsityRecord.of(settings.checkpoint());
    if (record.isEmpty() && settings.keepZeros().isPresent()) {
      throw new InputException(
          "keepZeros is true, but no record in %s tells of zeros: sparsify writes one"
              + " (pruning.json), recover keeps it (recovery.json). Zeros that nobody recorded may"
              + " be there by chance",
          settings.checkpoint());
    }
    var filler = filler(settings);
    if (record.isPresent() && filler.isPresent()) {
      throw new InputException(
          "%s is set, and %s tells of zeros that stay: %s",
          filler.get(), record.get().file(), reason(settings));
    }
    return record;
  }

  /** How many weights of each matrix of a block are zero, by name; LoRA pairs do not count. */
  static Map<String, Long> zeros(AdaptedModel model) {
    var zeros = new LinkedHashMap<String, Long>();
    for (var matrix : BlockMatrix.of(model.base())) {
      zeros.put(matrix.name(), Sparsity.zeros(model.model().parameter(matrix.name())));
    }
    return zeros;
  }

  /** Refuses a record of another model. */
  static void require(SparsityRecord record, AdaptedModel model) {
    var weights = new LinkedHashMap<String, Long>();
    BlockMatrix.of(model.base())
        .forEach(m -> weights.put(m.name(), model.base().parameter(m.name()).elements()));
    record.require(zeros(model), weights);
  }
}

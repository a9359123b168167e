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
  static final String REASON =
      "a pair whose product is left out where weights are zero has no input of its own to drop, and"
          + " no adapter says it. Leave that out, or set keepZeros to false";

  private KeptZeros() {}

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
    boolean adapter = settings.lora().adapter().isPresent();
    if (record.isPresent() && (adapter || settings.lora().dropout() > 0)) {
      throw new InputException(
          "%s is set, and %s tells of zeros that stay: %s",
          adapter ? "lora.adapter" : "lora.dropout", record.get().file(), REASON);
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

package io.lorashear.vocabulary;

import io.lorashear.InputException;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.checkpoint.TensorSource;
import io.lorashear.compress.Compressor;
import io.lorashear.compress.WidthPlan;
import io.lorashear.dependency.Groups;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.family.Family;
import io.lorashear.family.ModelConfig;
import io.lorashear.graph.AxisRole;
import io.lorashear.graph.ModelGraph;
import io.lorashear.run.Sha256;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Set;

/**
 * A model without the rows of removed tokens; its logits of the others are those of the whole one.
 *
 * <pre>
 *   E′ = E[kept]     W′ = W[kept]     b′ = b[kept]       W = E where the head is tied
 * </pre>
 *
 * Rows behind the tokenizer's last id, with which vocabularies are padded, go too.
 *
 * @param tensors a view of the whole model's
 */
public record CutModel(ModelConfig config, ModelGraph graph, TensorSource tensors) {
  /**
   * The model in {@code whole} with the tokens that another has kept, so that both have the same
   * ids.
   *
   * @param smaller a model that may have lost tokens
   * @return {@code whole} as it is if {@code smaller} lost none, or if both have the same tokenizer
   * @throws InputException if {@code smaller} lost tokens of another tokenizer than that of {@code
   *     whole}
   */
  public static CutModel like(Checkpoint smaller, Checkpoint whole) {
    var map = VocabularyMap.of(smaller);
    var own = map.isEmpty() ? "" : Sha256.of(whole.tokenizer());
    if (map.isEmpty() || own.equals(Sha256.of(smaller.tokenizer()))) {
      return new CutModel(whole.config(), whole.graph(), whole.tensors());
    }
    if (!own.equals(map.get().tokenizer())) {
      throw new InputException(
          "%s has neither the tokenizer of %s nor the one that this model had before it lost"
              + " tokens: give one that was made from the same dense model",
          whole.path(), smaller.path());
    }
    return of(whole, map.get().kept());
  }

  /**
   * The model in {@code checkpoint} with the rows of some tokens.
   *
   * @param kept ids, ascending; those beyond the rows of the embedding have none
   */
  static CutModel of(Checkpoint checkpoint, int[] kept) {
    var space = PruningSpace.withTokens(checkpoint.graph());
    int rows = checkpoint.config().vocabularySize();
    var gone = new BitSet();
    gone.set(0, rows);
    Arrays.stream(kept).filter(id -> id < rows).forEach(gone::clear);
    var removed = Groups.none();
    for (var axis : space.removable(Set.of(AxisRole.VOCABULARY))) {
      removed = removed.plus(Groups.of(axis.name(), gone)); // embedding and head of their own
    }
    var cut = Compressor.compress(space, checkpoint.tensors(), new WidthPlan(removed));
    var config = Family.of(checkpoint.config()).resized(checkpoint.config(), cut.graph());
    return new CutModel(config, cut.graph(), cut.tensors());
  }
}

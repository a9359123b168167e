package io.lorashear.method;

import ai.djl.Device;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.allocate.WidthAllocation;
import io.lorashear.checkpoint.TensorSource;
import io.lorashear.compress.WidthPlan;
import io.lorashear.corpus.Sequence;
import io.lorashear.dependency.PrunableAxis;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.family.ModelConfig;
import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.Widths;
import io.lorashear.lora.LoraBinding;
import io.lorashear.optim.AdamSettings;
import io.lorashear.optim.PruningBudget;
import io.lorashear.policy.Limits;
import io.lorashear.run.Progress;
import io.lorashear.saliency.AxisWeights;
import io.lorashear.torch.TorchModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A pruning method: decides which groups are pruned, and may change the kept weights. */
public interface PruningMethod {
  /** Field of the report with notes for the user, one line each. */
  String NOTES = "notes";

  /**
   * A pruning task: the model, the limits and the data.
   *
   * @param config configuration of the dense model
   * @param graph forward pass of the dense model
   * @param tensors weights of the dense model
   * @param limits limits on what may be pruned
   * @param calibration rows of equal length; a method that trains passes over them repeatedly
   * @param scratch folder for states that a killed run resumes from, or null
   */
  record Task(
      ModelConfig config,
      ModelGraph graph,
      TensorSource tensors,
      PruneSettings settings,
      Limits limits,
      List<Sequence> calibration,
      Device device,
      @Nullable Path scratch,
      Progress progress) {

    /** The same task on a changed form of the same model. */
    Task with(ModelConfig config, ModelGraph graph, TensorSource tensors) {
      return new Task(
          config, graph, tensors, settings, limits, calibration, device, scratch, progress);
    }

    /** Constants of AdamW for steps on the calibration rows. */
    AdamSettings adam() {
      return settings.adam().at(settings.train().tokens(calibration));
    }

    /**
     * The axes whose groups may be pruned, with the live weights of {@code model}.
     *
     * @param bindings LoRA pairs in the model's graph; empty if it has none, or if they are merged
     *     and ignored from here on
     */
    List<AxisWeights> axes(TorchModel model, List<LoraBinding> bindings) {
      var space = PruningSpace.of(bindings.isEmpty() ? graph : model.graph());
      return AxisWeights.of(space, prunable(space), bindings, model::parameter);
    }

    /** The same axes without weights, for methods that use none. */
    List<AxisWeights> axes() {
      var space = PruningSpace.of(graph);
      return prunable(space).stream()
          .map(axis -> new AxisWeights(axis, space.cost(axis.axis(), Widths.TRACED), List.of()))
          .toList();
    }

    private List<PrunableAxis> prunable(PruningSpace space) {
      return limits.prunable(settings, space);
    }

    /** The first {@code rows} calibration rows of every source. */
    List<Sequence> ofEachSource(int rows) {
      var taken = new HashMap<String, Integer>();
      return calibration.stream()
          .filter(row -> taken.merge(row.source(), 1, Integer::sum) <= rows)
          .toList();
    }

    /** Token ids (B, T) of {@code sequences}, as many at a time as a training pass has. */
    List<int[][]> batches(List<Sequence> sequences) {
      int rows = settings.train().rows();
      var batches = new ArrayList<int[][]>();
      for (int first = 0; first < sequences.size(); first += rows) {
        var last = Math.min(first + rows, sequences.size());
        var ids = sequences.subList(first, last).stream().map(Sequence::inputIds);
        batches.add(ids.toArray(int[][]::new));
      }
      return batches;
    }

    /** The dense model; close it. */
    TorchModel dense() {
      return TorchModel.load(graph, List.of(tensors), settings.train().placement(device), Set.of());
    }

    /** How many parameters to prune, within which limits. */
    PruningBudget budget() {
      return limits.budget(settings, graph.parameterCount());
    }
  }

  /** Which indices are kept, and the weights to slice them from; must be closed. */
  interface Outcome extends AutoCloseable {
    /** The widths to keep; they meet the ratio to within one group. */
    WidthPlan plan();

    /** Configuration of the full-size model: the task's, unless the method added parameters. */
    ModelConfig config();

    /** Graph of the full-size model. */
    ModelGraph graph();

    /** Weights at full size. */
    TensorSource tensors();

    /** Figures of the run. */
    ObjectNode report();

    /** The widths of the axes, if they were chosen by measured losses. */
    default Optional<WidthAllocation> allocation() {
      return Optional.empty();
    }

    @Override
    void close();
  }

  /**
   * Prunes.
   *
   * @throws io.lorashear.InputException if the ratio cannot be reached
   */
  Outcome prune(Task task);

  /**
   * Refuses a ratio that the limits allow but this method cannot reach.
   *
   * @throws io.lorashear.InputException with the largest ratio that can be reached
   */
  default void requireReach(PruneSettings settings, Limits limits, PruningSpace space) {}

  /** For forecasts: forward and backward passes over every calibration row to score groups. */
  default int passes(PruneSettings settings) {
    return 0;
  }

  /**
   * For forecasts: forward-only passes over every calibration row, through the blocks without the
   * logits, to measure the inputs of matrices.
   */
  default int looks(PruneSettings settings) {
    return 0;
  }

  /**
   * Whether hidden states of all rows are stored between blocks, because a block is changed before
   * its outputs are computed.
   */
  default boolean blockByBlock() {
    return false;
  }

  /** Whether it always prunes the same share of every axis, whatever the settings say. */
  default boolean sameShare() {
    return false;
  }

  /**
   * Whether the method compensates in its own way or not at all, so that compensation cannot be
   * set.
   */
  default boolean refitsItself() {
    return false;
  }
}

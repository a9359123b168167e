package io.lorashear.method;

import ai.djl.Device;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.checkpoint.TensorSource;
import io.lorashear.compress.WidthPlan;
import io.lorashear.corpus.Sequence;
import io.lorashear.dependency.PrunableAxis;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.family.ModelConfig;
import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.Widths;
import io.lorashear.lora.LoraBinding;
import io.lorashear.optim.PruningBudget;
import io.lorashear.policy.Limits;
import io.lorashear.run.Progress;
import io.lorashear.saliency.AxisWeights;
import io.lorashear.torch.TorchModel;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Decides which groups go, and changes weights on the way if it must. */
public interface PruningMethod {
  /** Where a report has what the user is to be told, a line each. */
  String NOTES = "notes";

  /**
   * What is to be pruned, and with what.
   *
   * @param config of the dense model
   * @param graph of the dense model
   * @param tensors of the dense model
   * @param limits what of it may go
   * @param calibration rows of one length; a method that trains goes through them again and again
   * @param scratch for states a killed run resumes from, or null
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

    /** The same task on another form of the same model. */
    Task with(ModelConfig config, ModelGraph graph, TensorSource tensors) {
      return new Task(
          config, graph, tensors, settings, limits, calibration, device, scratch, progress);
    }

    /**
     * The axes that may lose groups, with the live weights of {@code model}.
     *
     * @param bindings of LoRA's pairs in the model's graph; none where it has none, or where they
     *     are folded in and to be looked at no more
     */
    List<AxisWeights> axes(TorchModel model, List<LoraBinding> bindings) {
      var space = PruningSpace.of(bindings.isEmpty() ? graph : model.graph());
      return AxisWeights.of(space, prunable(space), bindings, model::parameter);
    }

    /** The same axes without weights, for a choice that looks at none. */
    List<AxisWeights> axes() {
      var space = PruningSpace.of(graph);
      return prunable(space).stream()
          .map(axis -> new AxisWeights(axis, space.cost(axis.axis(), Widths.TRACED), List.of()))
          .toList();
    }

    private List<PrunableAxis> prunable(PruningSpace space) {
      return space.removable(settings.structures()).stream()
          .filter(axis -> !limits.protectedAxes().contains(axis.name()))
          .toList();
    }

    /** What is to go. */
    PruningBudget budget() {
      return limits.budget(settings, graph.parameterCount());
    }
  }

  /** Which indices are kept, and the weights to cut them from; open until closed. */
  interface Outcome extends AutoCloseable {
    /** Meets the ratio within one group. */
    WidthPlan plan();

    /** Of the model before it is cut: the task's, unless the method gave it more parameters. */
    ModelConfig config();

    /** Of the model before it is cut. */
    ModelGraph graph();

    /** Of full size. */
    TensorSource tensors();

    /** Figures of the run. */
    ObjectNode report();

    @Override
    void close();
  }

  /**
   * Prunes.
   *
   * @throws io.lorashear.InputException when the ratio cannot be reached
   */
  Outcome prune(Task task);

  /**
   * Refuses what the limits leave room for, and the method does not.
   *
   * @throws io.lorashear.InputException with the largest ratio that can be reached
   */
  default void requireReach(PruneSettings settings, Limits limits, PruningSpace space) {}

  /** How often every calibration row goes forward and back to score groups, for forecasts. */
  default int passes(PruneSettings settings) {
    return 0;
  }

  /**
   * How often every calibration row goes forward alone, through the blocks without the logits, for
   * what matrices read, for forecasts.
   */
  default int looks(PruneSettings settings) {
    return 0;
  }

  /** Whether rows wait between blocks, because a block changes before it hands them on. */
  default boolean blockByBlock() {
    return false;
  }

  /** Whether it takes the same share of every axis whatever the settings say. */
  default boolean sameShare() {
    return false;
  }

  /** Whether what stays makes up for what goes in a way of the method's own, or not at all. */
  default boolean refitsItself() {
    return false;
  }
}

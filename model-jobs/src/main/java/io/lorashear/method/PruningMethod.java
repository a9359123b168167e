package io.lorashear.method;

import ai.djl.Device;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.checkpoint.TensorSource;
import io.lorashear.compress.WidthPlan;
import io.lorashear.corpus.Sequence;
import io.lorashear.graph.ModelGraph;
import io.lorashear.run.Progress;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Decides which groups go, and changes weights on the way if it must. */
public interface PruningMethod {

  /**
   * What is to be pruned, and with what.
   *
   * @param graph of the dense model
   * @param tensors of the dense model
   * @param limits what of it may go
   * @param calibration rows of one length; a method that trains goes through them again and again
   * @param scratch for states a killed run resumes from, or null
   */
  record Task(
      ModelGraph graph,
      TensorSource tensors,
      PruneSettings settings,
      Limits limits,
      List<Sequence> calibration,
      Device device,
      @Nullable Path scratch,
      Progress progress) {}

  /** Which indices are kept, and the weights to cut them from; open until closed. */
  interface Outcome extends AutoCloseable {
    /** Meets the ratio within one group. */
    WidthPlan plan();

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
}

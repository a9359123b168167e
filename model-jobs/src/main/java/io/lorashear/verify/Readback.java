package io.lorashear.verify;

import io.lorashear.checkpoint.TensorSource;
import io.lorashear.graph.ModelGraph;
import io.lorashear.torch.TorchScriptFile.Answer;
import java.nio.file.Path;
import java.util.Optional;

/** What was written for other programs, read again by readers that know nothing of how. */
public sealed interface Readback extends AutoCloseable {

  @Override
  void close();

  /** What this program computes with. */
  sealed interface Computed extends Readback {
    /** The forward pass. */
    ModelGraph graph();

    /** Its parameters. */
    TensorSource tensors();

    @Override
    default void close() {
      tensors().close();
    }
  }

  /**
   * Weights that are the model's, one by one.
   *
   * @param graph the forward pass as the written files tell it
   * @param tensors its parameters
   * @param tokenizer a tokenizer.json that stands for the written one, if one was written
   * @param positions tokens of the longest text that the written files are for
   */
  record Weights(ModelGraph graph, TensorSource tensors, Optional<Path> tokenizer, int positions)
      implements Computed {}

  /**
   * Weights that answer as the model does, though no single one is the model's.
   *
   * @param graph the forward pass, with a pair beside linears
   * @param tensors its parameters
   */
  record Adapted(ModelGraph graph, TensorSource tensors) implements Computed {}

  /**
   * Pairs beside a model that is not on this machine.
   *
   * @param tensors as written
   * @param expected what they were written from
   */
  record Pairs(TensorSource tensors, TensorSource expected) implements Readback {
    @Override
    public void close() {
      tensors.close();
      expected.close();
    }
  }

  /**
   * A program of its own.
   *
   * @param folder with model.pt in it
   * @param answer what it gives back
   */
  record Script(Path folder, Answer answer) implements Readback {
    @Override
    public void close() {}
  }
}

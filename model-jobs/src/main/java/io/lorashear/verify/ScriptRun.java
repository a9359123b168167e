package io.lorashear.verify;

import ai.djl.Device;
import ai.djl.ModelException;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.translate.NoopTranslator;
import ai.djl.translate.TranslateException;
import io.lorashear.InputException;
import io.lorashear.device.PyTorch;
import io.lorashear.verify.Readback.Script;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;

/** Runs the two methods of a TorchScript file, loaded in DJL's own way. */
final class ScriptRun implements AutoCloseable {
  private static final String CONTINUED = "module_method:forward_with_past";

  private final ZooModel<NDList, NDList> model;
  private final Predictor<NDList, NDList> predictor;

  private ScriptRun(ZooModel<NDList, NDList> model) {
    this.model = model;
    this.predictor = model.newPredictor();
  }

  static ScriptRun open(Script script) {
    var criteria =
        Criteria.builder()
            .setTypes(NDList.class, NDList.class)
            .optModelPath(script.folder())
            .optEngine("PyTorch")
            .optDevice(Device.cpu())
            .optTranslator(new NoopTranslator())
            .build();
    PyTorch.engine();
    try {
      return new ScriptRun(criteria.loadModel());
    } catch (IOException e) {
      throw new UncheckedIOException("reading " + script.folder(), e);
    } catch (ModelException e) {
      throw notRun(e);
    }
  }

  private static InputException notRun(Exception cause) {
    return new InputException(
        cause, "nothing was published, because DJL does not run what was written: %s", cause);
  }

  /** What {@code forward} returns for ids (T,): logits (T, vocabulary), or losses (1, T−1). */
  float[][] forward(int[] ids) {
    try (var scope = model.getNDManager().newSubManager()) {
      var answer = predicted(new NDList(row(scope, ids))).singletonOrThrow();
      answer.attach(scope);
      return Answers.numbers(answer.getShape().dimension() == 2 ? answer : answer.get(0));
    }
  }

  /**
   * What {@code forward_with_past} returns for ids (T,) that come in pieces.
   *
   * @param ends how many ids are seen after each call, ascending
   * @return logits (calls, vocabulary)
   */
  float[][] continued(int[] ids, int... ends) {
    try (var scope = model.getNDManager().newSubManager()) {
      var past = new NDList(scope.create(new long[0], new Shape(1, 0)));
      var found = new float[ends.length][];
      for (int i = 0, start = 0; i < ends.length; start = ends[i++]) {
        var method = scope.create(0);
        method.setName(CONTINUED); // DJL takes the method from this name,
        past.forEach(array -> array.setName("past[]")); // and makes a list of all that have this
        var piece = row(scope, Arrays.copyOfRange(ids, start, ends[i]));
        var answer = predicted(new NDList(method, piece).addAll(past));
        answer.attach(scope);
        found[i] = answer.get(0).toFloatArray();
        past = answer.subNDList(1);
      }
      return found;
    }
  }

  private static NDArray row(NDManager scope, int[] ids) {
    return scope.create(Arrays.stream(ids).asLongStream().toArray(), new Shape(1, ids.length));
  }

  private NDList predicted(NDList inputs) {
    try {
      return predictor.predict(inputs);
    } catch (TranslateException e) {
      throw notRun(e);
    }
  }

  @Override
  public void close() {
    predictor.close();
    model.close();
  }
}

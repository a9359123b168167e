import ai.djl.Device;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.repository.zoo.Criteria;
import ai.djl.translate.NoopTranslator;
import ai.djl.translate.TranslateException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A TorchScript export in DJL, by its public interface alone: reads a prompt, goes on from what it
 * kept, and says how long both took, as a line of JSON.
 *
 * <pre>
 *   java -cp DJL .ci/GoOn.java DIR REPETITIONS TOKENS ID…
 *   {"read": [[seconds, processor seconds], …], "generate": [[…], …]}
 * </pre>
 */
final class GoOn {
  private static final String METHOD = "module_method:forward_with_past";

  private GoOn() {}

  public static void main(String[] arguments) throws Exception {
    System.setProperty("ai.djl.pytorch.graph_optimizer", "false"); // every length is a new shape
    int repetitions = Integer.parseInt(arguments[1]);
    int tokens = Integer.parseInt(arguments[2]);
    long[] prompt = Arrays.stream(arguments).skip(3).mapToLong(Long::parseLong).toArray();
    var criteria =
        Criteria.builder()
            .setTypes(NDList.class, NDList.class)
            .optModelPath(Path.of(arguments[0]))
            .optEngine("PyTorch")
            .optDevice(Device.cpu())
            .optTranslator(new NoopTranslator())
            .build();
    var read = new ArrayList<List<Double>>();
    var generate = new ArrayList<List<Double>>();
    try (var model = criteria.loadModel();
        var predictor = model.newPredictor()) {
      for (int i = 0; i <= repetitions; i++) {
        try (var scope = model.getNDManager().newSubManager()) {
          double[] start = now();
          var nothing = new NDList(scope.create(new long[0], new Shape(1, 0)));
          var found = next(predictor, scope, prompt, nothing);
          var middle = now();
          for (int done = 0; done < tokens; done++) {
            long likeliest = found.get(0).argMax(-1).getLong(0, 0);
            var past = found;
            found = next(predictor, scope, new long[] {likeliest}, past.subNDList(1));
            past.close();
          }
          var end = now();
          found.close();
          if (i > 0) { // the first one warms up
            read.add(List.of(middle[0] - start[0], middle[1] - start[1]));
            generate.add(List.of(end[0] - middle[0], end[1] - middle[1]));
          }
        }
      }
    }
    System.out.printf("{\"read\": %s, \"generate\": %s}%n", read, generate);
  }

  /** Logits after the last id, and the past behind them. */
  private static NDList next(
      Predictor<NDList, NDList> predictor, NDManager scope, long[] ids, NDList past)
      throws TranslateException {
    NDArray method = scope.create(0);
    method.setName(METHOD); // DJL takes the method from this name,
    past.forEach(array -> array.setName("past[]")); // and makes a list of all that have that one
    var inputs = new NDList(method, scope.create(ids, new Shape(1, ids.length)));
    return predictor.predict(inputs.addAll(past));
  }

  /** The clock, and the time all processors gave to this process, in seconds. */
  private static double[] now() {
    var system = ManagementFactory.getOperatingSystemMXBean();
    long processor = ((com.sun.management.OperatingSystemMXBean) system).getProcessCpuTime();
    return new double[] {System.nanoTime() / 1e9, processor / 1e9};
  }
}

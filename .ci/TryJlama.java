import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.tjake.jlama.model.ModelSupport;
import com.github.tjake.jlama.safetensors.DType;
import com.github.tjake.jlama.tensor.KvBufferCache;
import java.io.File;
import java.util.ArrayList;

/**
 * Logits of Jlama: {@code TryJlama.java FOLDER [[3, 1], …]} prints a list of rows, or one line of
 * what it threw.
 */
final class TryJlama {
  public static void main(String[] arguments) throws Exception {
    var json = new ObjectMapper();
    var rows = new ArrayList<float[]>();
    try (var model = ModelSupport.loadModel(new File(arguments[0]), DType.F32, DType.F32)) {
      for (int[] ids : json.readValue(arguments[1], int[][].class)) {
        try (var cache = new KvBufferCache(model);
            var seen = cache.getEphemeralKvBuffer();
            var last = model.batchForward(ids, 0, seen)) {
          rows.add(model.getLogits(last.slice(last.shape().first() - 1)));
        }
      }
    }
    System.out.println("ROWS " + json.writeValueAsString(rows));
  }
}

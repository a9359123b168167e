package io.lorashear.sparse;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.settings.Settings;
import java.util.List;

/**
 * Which weights became zero.
 *
 * @param parameters parameters of the whole model, embeddings included
 */
record SparseReport(long parameters, List<Matrix> matrices) {
  /**
   * One matrix.
   *
   * @param zeros weights that are zero now, including those that were zero before
   * @param reached whether any calibration token reached it; true for a method that reads no inputs
   */
  record Matrix(String name, long weights, long zeros, boolean reached) {}

  /** The report for pruning.json. */
  ObjectNode toJson(SparsifySettings settings) {
    long weights = matrices.stream().mapToLong(Matrix::weights).sum();
    long zeros = matrices.stream().mapToLong(Matrix::zeros).sum();
    var json = JsonFile.object();
    json.put("parametersBefore", parameters);
    json.put("parametersAfter", parameters);
    json.put("groupsRemoved", 0);
    var sparsity = json.putObject("sparsity");
    sparsity.put("method", Settings.word(settings.method()));
    sparsity.put("pattern", settings.pattern());
    sparsity.put("weights", weights);
    sparsity.put("zeros", zeros);
    sparsity.put("ofMatrices", (double) zeros / weights);
    sparsity.put("ofParameters", (double) zeros / parameters);
    var unreached = sparsity.putArray("unreached");
    matrices.stream().filter(each -> !each.reached()).map(Matrix::name).forEach(unreached::add);
    var each = sparsity.putObject("matrices");
    for (var matrix : matrices) {
      each.put(matrix.name(), (double) matrix.zeros() / matrix.weights());
    }
    return json;
  }
}

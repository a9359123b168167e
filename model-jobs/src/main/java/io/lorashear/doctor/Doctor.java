package io.lorashear.doctor;

import io.lorashear.InputException;
import io.lorashear.device.PyTorch;
import io.lorashear.doctor.Finding.State;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Examines everything that commands need or run faster with. */
public final class Doctor {
  private Doctor() {}

  /**
   * The findings, in the order in which they should be fixed. PyTorch is loaded for them, and a
   * small product is computed on a GPU if there is one.
   *
   * @param work folder for results
   */
  public static List<Finding> examine(Path work) {
    var findings = new ArrayList<Finding>();
    findings.add(Machine.java());
    findings.addAll(torch());
    findings.addAll(Machine.findings(work));
    return findings;
  }

  private static List<Finding> torch() {
    try {
      return TorchFindings.of(PyTorch.ofProcess());
    } catch (InputException e) {
      return List.of(
          new Finding("pytorch", State.BROKEN, String.valueOf(e.getMessage()), "", Map.of()));
    } catch (RuntimeException | LinkageError e) {
      return List.of(
          Finding.broken(
              "pytorch",
              "does not load: " + e,
              "see whether the cache folder can be written, or name another by LORASHEAR_CACHE"));
    }
  }
}

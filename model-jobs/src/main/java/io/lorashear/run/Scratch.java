package io.lorashear.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A hidden folder next to a target, for files that a stage resumes from after it was killed.
 *
 * @param found whether an earlier run of the same identity left the folder
 */
record Scratch(Path folder, boolean found) {

  /** The folder of this identity; those of other identities for the same target are deleted. */
  static Scratch of(Path target, String identity) throws IOException {
    var absolute = target.toAbsolutePath().normalize();
    var prefix = "." + absolute.getFileName() + ".scratch-";
    var wanted = absolute.resolveSibling(prefix + identity.substring(0, 16));
    try (var siblings = Files.newDirectoryStream(absolute.getParent(), prefix + "*")) {
      for (Path sibling : siblings) {
        if (!sibling.equals(wanted)) {
          FileTrees.delete(sibling);
        }
      }
    }
    boolean found = Files.isDirectory(wanted);
    Files.createDirectories(wanted);
    return new Scratch(wanted, found);
  }

  /** Removes the folder if there is nothing to resume from. */
  void removeEmpty() throws IOException {
    if (FileTrees.files(folder).isEmpty()) {
      remove();
    }
  }

  void remove() throws IOException {
    FileTrees.delete(folder);
  }
}

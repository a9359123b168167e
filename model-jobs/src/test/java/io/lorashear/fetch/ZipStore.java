package io.lorashear.fetch;

import io.lorashear.run.Publication;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.run.Sha256;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** A zip file in place of a store: its paths are not on this machine's file system. */
public record ZipStore(FileSystem files) implements AutoCloseable {

  public static ZipStore at(Path zip) throws IOException {
    return new ZipStore(FileSystems.newFileSystem(zip, Map.of("create", "true")));
  }

  /** The path there of a copy of {@code folder}. */
  public Path put(Path folder) throws IOException {
    var there = files.getPath("/" + folder.getFileName());
    try (var all = Files.walk(folder)) {
      for (Path path : all.toList()) {
        var target = there.resolve(folder.relativize(path).toString());
        if (Files.isDirectory(path)) {
          Files.createDirectories(target);
        } else {
          Files.copy(path, target);
        }
      }
    }
    return there;
  }

  @Override
  public void close() throws IOException {
    files.close();
  }

  /**
   * Another process that reads every file of a published folder again and again.
   *
   * <p>Arguments: the zip file, the folder in it, the folder of copies, its bound, the number of
   * readings. Exits with 1 if a copy has other bytes than the manifest says.
   */
  public static void main(String[] args) throws IOException {
    try (var store = at(Path.of(args[0]))) {
      var published = PublishedDirectory.open(store.files.getPath(args[1]));
      var copies = FileCopies.in(Path.of(args[2]), Long.parseLong(args[3]));
      for (int reading = 0; reading < Integer.parseInt(args[4]); reading++) {
        read(published, copies);
      }
    }
  }

  static void read(PublishedDirectory published, FileCopies copies) {
    var names = published.files().stream().map(file -> file.name()).toList();
    try (var pass = FilePass.over(published, names, copies, name -> Path.of(name))) {
      for (var name : names) {
        var file = pass.next().get(0);
        if (!Sha256.of(file).equals(published.entry(name).sha256())) {
          throw new IllegalStateException(name + " has other bytes in " + Publication.MANIFEST);
        }
      }
    }
  }
}

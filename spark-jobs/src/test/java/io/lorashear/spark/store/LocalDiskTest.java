package io.lorashear.spark.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordingFile;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LocalDiskTest {
  @TempDir Path folder;

  @Test
  void filesAndFoldersHaveHadoopsRightsAndNoProcessIsStarted() throws IOException {
    var theirs = rights(new LocalFileSystem(), "theirs");
    try (var recording = new Recording()) {
      recording.enable("jdk.ProcessStart");
      recording.start();
      assertThat(rights(new LocalDisk(), "ours")).isEqualTo(theirs).hasSize(4);
      recording.stop();
      recording.dump(folder.resolve("events.jfr"));
    }
    assertThat(RecordingFile.readAllEvents(folder.resolve("events.jfr"))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"2024-05-01T10:15:00.txt", "a b#c%20?.txt", "[x]{y}*.txt", "ünï.txt"})
  void filesOfAnyNameAreListedAndRead(String name) throws IOException {
    Files.writeString(folder.resolve(name), "some text");
    try (var disk = new LocalDisk()) {
      disk.initialize(java.net.URI.create("file:///"), new Configuration(false));
      var listed = disk.listStatus(new org.apache.hadoop.fs.Path(folder.toUri()));
      assertThat(listed).hasSize(1);
      var path = new org.apache.hadoop.fs.Path(listed[0].getPath().toString());
      assertThat(path.getName()).isEqualTo(name);
      try (var content = disk.open(path)) {
        assertThat(new String(content.readAllBytes(), StandardCharsets.UTF_8))
            .isEqualTo("some text");
      }
    }
  }

  private Map<String, String> rights(FileSystem files, String name) throws IOException {
    var configuration = new Configuration(false);
    configuration.set("fs.permissions.umask-mode", "027");
    files.initialize(java.net.URI.create("file:///"), configuration);
    var root = new org.apache.hadoop.fs.Path(folder.resolve(name).toUri());
    var made = new org.apache.hadoop.fs.Path(root, "inner/file");
    files.create(made).close();
    var named = new org.apache.hadoop.fs.Path(root, "named");
    files.create(named).close();
    files.setPermission(named, FsPermission.valueOf("-rwxr-x---"));
    var rights = new HashMap<String, String>();
    for (var each : new String[] {"inner", "inner/file", "named", "inner/.file.crc"}) {
      var path = folder.resolve(name).resolve(each);
      rights.put(each, Files.getPosixFilePermissions(path).toString());
    }
    return rights;
  }
}

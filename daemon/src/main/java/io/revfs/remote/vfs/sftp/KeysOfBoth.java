package io.revfs.remote.vfs.sftp;

import com.jcraft.jsch.Identity;
import com.jcraft.jsch.IdentityRepository;
import com.jcraft.jsch.JSch;
import java.util.Vector;

/** The keys of files, then those of the agent. */
@SuppressWarnings("JdkObsolete") // JSch's interface has vectors
final class KeysOfBoth implements IdentityRepository {
  private final IdentityRepository files;
  private final IdentityRepository agent;

  KeysOfBoth(JSch jsch, IdentityRepository agent) {
    this.files = jsch.getIdentityRepository();
    this.agent = agent;
  }

  @Override
  public String getName() {
    return "files and agent";
  }

  @Override
  public int getStatus() {
    return RUNNING;
  }

  @Override
  public Vector<Identity> getIdentities() {
    Vector<Identity> all = new Vector<>(files.getIdentities());
    all.addAll(agent.getIdentities());
    return all;
  }

  @Override
  public boolean add(byte[] identity) {
    return files.add(identity);
  }

  @Override
  public boolean remove(byte[] blob) {
    return files.remove(blob);
  }

  @Override
  public void removeAll() {
    files.removeAll();
  }
}

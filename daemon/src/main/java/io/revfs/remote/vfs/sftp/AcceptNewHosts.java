package io.revfs.remote.vfs.sftp;

import com.jcraft.jsch.HostKey;
import com.jcraft.jsch.HostKeyRepository;
import com.jcraft.jsch.UserInfo;

/** The user's known hosts, and every host that is not among them; a changed key stays an error. */
final class AcceptNewHosts implements HostKeyRepository {
  private final HostKeyRepository known;

  AcceptNewHosts(HostKeyRepository known) {
    this.known = known;
  }

  @Override
  public int check(String host, byte[] key) {
    int answer = known.check(host, key);
    return answer == NOT_INCLUDED ? OK : answer;
  }

  @Override
  public void add(HostKey key, UserInfo user) {
    // The user's file is the user's: nothing is written to it.
  }

  @Override
  public void remove(String host, String type) {}

  @Override
  public void remove(String host, String type, byte[] key) {}

  @Override
  public String getKnownHostsRepositoryID() {
    return known.getKnownHostsRepositoryID();
  }

  @Override
  public HostKey[] getHostKey() {
    return known.getHostKey();
  }

  @Override
  public HostKey[] getHostKey(String host, String type) {
    return known.getHostKey(host, type);
  }
}

namespace UsageTracking.Profiles;

/// <summary>A vault that is registered.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsDefault">Whether it is the one to use where none is named.</param>
public sealed record SecretVaultName(string Name, bool IsDefault);

/// <summary>Keeps secrets by name, outside of this program.</summary>
public interface ISecretVault
{
    /// <summary>The vaults there are; null where nothing keeps any.</summary>
    IReadOnlyList<SecretVaultName>? GetVaults();

    /// <summary>Keeps a secret, in place of any of that name.</summary>
    /// <exception cref="UsageException"><c>SecretVaultFailed</c>.</exception>
    void Set(string vault, string name, string secret);

    /// <summary>Reads a secret.</summary>
    /// <exception cref="UsageException"><c>SecretVaultFailed</c>: there is none, too.</exception>
    string Get(string vault, string name);

    /// <summary>Removes a secret.</summary>
    /// <exception cref="UsageException"><c>SecretVaultFailed</c>.</exception>
    void Remove(string vault, string name);
}

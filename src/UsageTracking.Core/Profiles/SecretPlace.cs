namespace UsageTracking.Profiles;

/// <summary>Where a password is to be kept.</summary>
/// <param name="Store">The way it is kept; never Auto.</param>
/// <param name="Vault">The vault of SecretManagement, or null.</param>
/// <param name="File">The file it is in, or null.</param>
/// <param name="Warning">What whoever left the choice to us should know; null where there is nothing.</param>
public sealed record SecretPlace(ProfileSecretStore Store, string? Vault, string? File, string? Warning)
{
    /// <inheritdoc/>
    public override string ToString() => Vault is null ? $"the file {File}" : $"the vault {Vault}";
}

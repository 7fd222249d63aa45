namespace UsageTracking.Profiles;

/// <summary>A profile as it is in the file of profiles: everything but the password.</summary>
internal sealed record ProfileEntry
{
    public required string Name { get; init; }

    public required string Kind { get; init; }

    public required string Address { get; init; }

    /// <summary>How to connect a server; null for a file, which <see cref="Address"/> names.</summary>
    public string? ConnectionString { get; init; }

    public string? CustomerId { get; init; }

    public string? TimeZone { get; init; }

    /// <summary>Null where there is no password.</summary>
    public ProfileSecretStore? SecretStore { get; init; }

    public string? Vault { get; init; }

    /// <summary>The password file of PostgreSQL that has the password.</summary>
    public string? PassFile { get; init; }

    /// <summary>What a line of that file begins with that is this profile's.</summary>
    public string? PassKey { get; init; }

    /// <summary>Whether that line was written for a profile, and goes with the last one.</summary>
    public bool OwnsPassLine { get; init; }

    /// <summary>The name of its secret, the same in whatever case the profile is named: some vaults do not tell them apart.</summary>
    public static string SecretName(string name) => "UsageTracking-" + name.ToLowerInvariant();

    public bool IsNamed(string name) => Name.Equals(name, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether both have their password in the same place, so that it is one.</summary>
    public bool SharesSecret(ProfileEntry other) => (SecretStore, Vault, PassFile, PassKey) == (other.SecretStore, other.Vault, other.PassFile, other.PassKey);
}

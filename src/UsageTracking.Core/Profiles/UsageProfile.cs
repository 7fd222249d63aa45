namespace UsageTracking.Profiles;

/// <summary>How to connect a store, under a name. Holds no password.</summary>
public sealed class UsageProfile
{
    internal UsageProfile(ProfileEntry entry) => Entry = entry;

    /// <summary>Its name.</summary>
    public string Name => Entry.Name;

    /// <summary>Sqlite or PostgreSql.</summary>
    public string Kind => Entry.Kind;

    /// <summary>The file, or the server and database.</summary>
    public string Address => Entry.Address;

    /// <summary>The customer of calls that name none; null leaves that open.</summary>
    public string? CustomerId => Entry.CustomerId;

    /// <summary>The zone of calls that name none; null leaves that open.</summary>
    public string? TimeZone => Entry.TimeZone;

    /// <summary>Where its password is kept; null where it has none.</summary>
    public ProfileSecretStore? SecretStore => Entry.SecretStore;

    internal ProfileEntry Entry { get; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}

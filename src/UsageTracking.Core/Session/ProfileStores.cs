using UsageTracking.Metering;
using UsageTracking.Profiles;
using UsageTracking.Stores;
using UsageTracking.Stores.Postgres;
using UsageTracking.Stores.Sqlite;
using UsageTracking.Time;

namespace UsageTracking.Session;

/// <summary>Makes profiles of stores, and stores of profiles.</summary>
public static class ProfileStores
{
    /// <summary>The profiles of this user.</summary>
    /// <param name="vault">What keeps passwords outside of our files.</param>
    public static ProfileBook OpenBook(ISecretVault vault) => new(StoreLocator.UserFolder, vault);

    /// <summary>The profiles of this user, by name, without a look at any password.</summary>
    /// <exception cref="UsageException"><c>ProfileFileFailed</c>.</exception>
    public static IReadOnlyList<UsageProfile> List() => ProfileBook.List(StoreLocator.UserFolder);

    /// <summary>The profile that connects a store.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="store">The store. It is not asked.</param>
    /// <param name="customerId">The customer of calls that name none, or null.</param>
    /// <param name="timeZone">The id of the zone of calls that name none, or null.</param>
    /// <param name="environment">Reads an environment variable.</param>
    /// <exception cref="UsageException">
    /// <c>InvalidProfileName</c>, <c>InvalidCustomerId</c>, <c>InvalidTimeZone</c>, or <c>UnsupportedSecret</c>: the connection has a secret
    /// that is no password of a user.
    /// </exception>
    public static NewProfile Describe(string name, IUsageStore store, string? customerId, string? timeZone, Func<string, string?> environment)
    {
        if (timeZone is not null)
            Zones.Find(timeZone);

        var server = store as PostgresStore;
        if (server?.Login.HasKeyPassword == true)
        {
            throw UsageException.Invalid("UnsupportedSecret",
                $"The connection to {store.Address} has a password for the key of its certificate (SSL Password), which profiles do not keep. Use a key without one that only you can read.", store.Address.Text);
        }

        return new NewProfile
        {
            Name = NewProfile.CheckName(name),
            Address = store.Address,
            ConnectionString = server?.WithoutSecrets,
            CustomerId = customerId is null ? null : CustomerIds.Check(customerId),
            TimeZone = timeZone,
            UserName = server?.Login.UserName,
            PassFile = server?.Login.PassFile ?? (environment("PGPASSFILE") is { Length: > 0 } file ? file : null),
            Password = server?.Login.Password,
        };
    }

    /// <summary>The store of a profile, with its password. Opens nothing else.</summary>
    /// <exception cref="UsageException"><c>SecretNotFound</c>, <c>SecretFileExposed</c>, <c>SecretVaultFailed</c>, <c>ProfileFileFailed</c>, <c>InvalidConnectionString</c>.</exception>
    public static IUsageStore Open(UsageProfile profile, ProfileBook book)
    {
        if (profile.Entry.ConnectionString is not { } text)
            return new SqliteStore(profile.Address);

        var settings = PostgresAddress.Parse(text);
        settings.Password = book.ReadPassword(profile);
        // Where it was written, whatever the environment says now.
        settings.Passfile = profile.Entry.PassFile ?? settings.Passfile;
        return new PostgresStore(settings);
    }
}

using UsageTracking.Jobs;
using UsageTracking.Profiles;
using UsageTracking.Stores;
using UsageTracking.Stores.Postgres;

namespace UsageTracking.Session;

/// <summary>Says how a job reaches a store, without a secret: anybody on a computer can read the command lines on it.</summary>
public static class JobStores
{
    /// <summary>How a job reaches a store that this process uses.</summary>
    /// <exception cref="UsageException"><c>PasswordInConnection</c>.</exception>
    public static JobStore Of(IUsageStore store) => store is PostgresStore server
        ? Checked(server.WithoutSecrets, server.Login.HasSecrets, server.Address)
        : new JobStore(store.Address.Path, null);

    /// <summary>How a job reaches a server.</summary>
    /// <exception cref="UsageException"><c>PasswordInConnection</c>, or <c>InvalidConnectionString</c>.</exception>
    public static JobStore FromConnectionString(string text)
    {
        // Opens nothing.
        return Of(new PostgresStore(text));
    }

    /// <summary>How a job reaches the store of a profile: by its name, so that the job reads the secret itself.</summary>
    public static JobStore Of(UsageProfile profile) => new(null, null, profile.Name);

    private static JobStore Checked(string connectionString, bool hasSecrets, StoreAddress address) => hasSecrets
        ? throw UsageException.Invalid("PasswordInConnection",
            $"The connection to {address} has a password, which everybody on this computer could read from the job's command line. Keep it in a profile (Save-UsageProfile) and give -Profile; or put it into ~/.pgpass and leave it out of the connection; or put the connection string into USAGE_STORE in the environment of the job, and give -StoreFromEnvironment.", address.Text)
        : new JobStore(null, connectionString);
}

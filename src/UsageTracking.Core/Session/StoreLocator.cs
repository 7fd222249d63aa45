using System.Globalization;
using Npgsql;
using UsageTracking.Stores;
using UsageTracking.Stores.Postgres;
using UsageTracking.Stores.Sqlite;

namespace UsageTracking.Session;

/// <summary>Finds the store to use where none was connected: the environment's, nself's, else the user's own file.</summary>
public static class StoreLocator
{
    private const int PostgresPort = 5432;

    /// <summary>The variables that <see cref="Locate"/> reads.</summary>
    internal static IReadOnlyList<string> Variables { get; } =
        ["USAGE_STORE", "BILLING_DB_HOST", "BILLING_DB_PORT", "BILLING_DB_NAME", "BILLING_DB_USER", "BILLING_DB_PASSWORD"];

    /// <summary>Opens nothing; returns the store and where its address came from.</summary>
    /// <param name="environment">Reads an environment variable.</param>
    /// <exception cref="UsageException"><c>InvalidConnectionString</c>.</exception>
    public static (IUsageStore Store, string Source) Locate(Func<string, string?> environment)
    {
        if (environment("USAGE_STORE") is { Length: > 0 } named)
            return (FromText(named), "environment variable USAGE_STORE");

        if (environment("BILLING_DB_HOST") is { Length: > 0 } host)
        {
            return (Server(
                host,
                environment("BILLING_DB_PORT") is { Length: > 0 } port ? ParsePort(port) : PostgresPort,
                environment("BILLING_DB_NAME") is { Length: > 0 } database ? database : "nself",
                environment("BILLING_DB_USER") is { Length: > 0 } user ? user : "postgres",
                environment("BILLING_DB_PASSWORD")), "environment variables BILLING_DB_*");
        }

        return (new SqliteStore(DefaultPath), "default");
    }

    /// <summary>The embedded store of this user.</summary>
    public static string DefaultPath => Path.Combine(UserFolder, "usage.db");

    /// <summary>The folder of this user's own files.</summary>
    internal static string UserFolder => Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "UsageTracking");

    /// <summary>A store from a file path, a PostgreSQL connection string or a <c>postgresql://</c> URI.</summary>
    /// <exception cref="UsageException"><c>InvalidConnectionString</c>.</exception>
    public static IUsageStore FromText(string text) =>
        IsServer(text) ? new PostgresStore(text) : new SqliteStore(ExpandHome(text));

    /// <summary>A store from the parts of a server's address.</summary>
    public static IUsageStore Server(string host, int port, string database, string? user, string? password)
    {
        var settings = new NpgsqlConnectionStringBuilder { Host = host, Port = port, Database = database };
        if (!string.IsNullOrEmpty(user))
            settings.Username = user;

        // Without a password Npgsql looks into pgpass.
        if (!string.IsNullOrEmpty(password))
            settings.Password = password;

        return new PostgresStore(settings);
    }

    /// <summary>Whether a text is a URI or connection string of a server, and no path of a file.</summary>
    public static bool IsServer(string text) => PostgresAddress.IsUri(text) || LooksLikeConnectionString(text);

    // Any of a connection string's own words: one that lacks its host must not become the name of a file.
    private static bool LooksLikeConnectionString(string text) =>
        text.Split(';', ' ').Any(part => part.Split('=', 2) is [string key, _]
            && key.Trim().ToUpperInvariant() is "HOST" or "SERVER" or "PORT" or "DATABASE" or "DBNAME" or "USERNAME" or "USER" or "ID" or "USERID" or "UID" or "PASSWORD" or "PWD");

    // In a variable nobody else does it.
    internal static string ExpandHome(string path) => path.StartsWith("~/", StringComparison.Ordinal)
        ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), path[2..])
        : path;

    private static int ParsePort(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int port) && port is > 0 and < 65_536
            ? port
            : throw UsageException.Invalid("InvalidConnectionString", $"BILLING_DB_PORT is '{text}'; a port is a number from 1 to 65535.", text);
}

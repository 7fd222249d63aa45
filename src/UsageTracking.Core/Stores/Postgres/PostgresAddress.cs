using Npgsql;

namespace UsageTracking.Stores.Postgres;

/// <summary>Reads the ways to name a PostgreSQL database: Npgsql's connection strings and libpq's URIs.</summary>
internal static class PostgresAddress
{
    private const int DefaultPort = 5432;

    public static bool IsUri(string text) =>
        text.StartsWith("postgresql://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("postgres://", StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads a connection string or URI.</summary>
    /// <exception cref="UsageException"><c>InvalidConnectionString</c>; the message never repeats the text, which may hold a password.</exception>
    public static NpgsqlConnectionStringBuilder Parse(string text)
    {
        try
        {
            NpgsqlConnectionStringBuilder settings = IsUri(text) ? FromUri(text) : new NpgsqlConnectionStringBuilder(text);
            if (string.IsNullOrEmpty(settings.Host))
                throw new ArgumentException("it names no Host.");

            // libpq's own form would be taken for one long host name, its password included.
            if (settings.Host.AsSpan().IndexOfAny(" =") >= 0)
                throw new ArgumentException("its parts are separated by semicolons.");

            settings.Database ??= settings.Username;
            return settings;
        }
        catch (Exception cause) when (cause is ArgumentException or FormatException or KeyNotFoundException or InvalidCastException)
        {
            throw UsageException.Invalid("InvalidConnectionString",
                "The connection string cannot be read. Use 'Host=server;Database=name;Username=user', or 'postgresql://user@server:5432/name'. Reason: " + WithoutValues(cause));
        }
    }

    public static StoreAddress Describe(NpgsqlConnectionStringBuilder settings) =>
        StoreAddress.ForServer(settings.Host!, settings.Port, settings.Database ?? settings.Username ?? "");

    /// <summary>The connection string without passwords.</summary>
    public static string WithoutSecrets(NpgsqlConnectionStringBuilder settings)
    {
        var copy = new NpgsqlConnectionStringBuilder(settings.ConnectionString);
        copy.Remove("Password");
        copy.Remove("SSL Password");
        return copy.ConnectionString;
    }

    private static NpgsqlConnectionStringBuilder FromUri(string text)
    {
        // https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS
        var uri = new Uri(text);
        var settings = new NpgsqlConnectionStringBuilder
        {
            Host = Uri.UnescapeDataString(uri.Host),
            Port = uri.IsDefaultPort || uri.Port < 0 ? DefaultPort : uri.Port,
        };
        string[] user = uri.UserInfo.Split(':', 2);
        if (user[0].Length > 0)
            settings.Username = Uri.UnescapeDataString(user[0]);
        if (user.Length > 1)
            settings.Password = Uri.UnescapeDataString(user[1]);
        if (uri.AbsolutePath.Length > 1)
            settings.Database = Uri.UnescapeDataString(uri.AbsolutePath[1..]);

        foreach (string pair in uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = pair.Split('=', 2);
            string value = parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : "";
            settings[NpgsqlName(parts[0])] = NpgsqlValue(parts[0], value);
        }

        return settings;
    }

    private static string NpgsqlName(string libpq) => libpq switch
    {
        "sslmode" => "SSL Mode",
        "sslrootcert" => "Root Certificate",
        "sslcert" => "SSL Certificate",
        "sslkey" => "SSL Key",
        "sslpassword" => "SSL Password",
        "user" => "Username",
        "dbname" => "Database",
        "host" => "Host",
        "connect_timeout" => "Timeout",
        "application_name" => "Application Name",
        "options" => "Options",
        _ => libpq,
    };

    private static string NpgsqlValue(string libpq, string value) =>
        libpq == "sslmode" ? value.Replace("-", "", StringComparison.Ordinal) : value;

    // Npgsql names the setting it could not read, and sometimes quotes its value.
    private static string WithoutValues(Exception cause) => cause is ArgumentException { ParamName: { } setting }
        ? $"it cannot take the setting '{setting}' or its value."
        : cause.Message.Replace("n't ", " not ", StringComparison.Ordinal).Split('\'', '"', '\n')[0].TrimEnd(' ', ':');
}

using Npgsql;

namespace UsageTracking.Stores.Postgres;

/// <summary>Who connects to a server, and with which secrets. No record: its text would be the secrets.</summary>
internal sealed class PostgresLogin
{
    public PostgresLogin(NpgsqlConnectionStringBuilder settings)
    {
        UserName = settings.Username;
        PassFile = settings.Passfile;
        Password = string.IsNullOrEmpty(settings.Password) ? null : settings.Password;
        HasKeyPassword = !string.IsNullOrEmpty(settings.SslPassword);
    }

    public string? UserName { get; }

    /// <summary>The file in which the driver looks for the password, where the connection names one.</summary>
    public string? PassFile { get; }

    public string? Password { get; }

    /// <summary>Whether the key of a client certificate has a password.</summary>
    public bool HasKeyPassword { get; }

    public bool HasSecrets => Password is not null || HasKeyPassword;
}

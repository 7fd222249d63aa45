namespace UsageTracking.Stores;

/// <summary>The engines behind <see cref="IUsageStore"/>.</summary>
public enum StoreKind
{
    /// <summary>A SQLite file in this process.</summary>
    Sqlite,

    /// <summary>A PostgreSQL database.</summary>
    PostgreSql,
}

/// <summary>Names a store by what identifies it: the full path, or host, port and database. Holds no user and no password.</summary>
public sealed record StoreAddress
{
    private StoreAddress(StoreKind kind, string text) => (Kind, Text) = (kind, text);

    /// <summary>The engine.</summary>
    public StoreKind Kind { get; }

    /// <summary>The address as shown to people; equal addresses are the same store.</summary>
    public string Text { get; }

    /// <summary>The SQLite file, or null.</summary>
    public string? Path { get; private init; }

    /// <summary>The PostgreSQL host, or null.</summary>
    public string? HostName { get; private init; }

    /// <summary>The PostgreSQL port, or null.</summary>
    public int? Port { get; private init; }

    /// <summary>The PostgreSQL database, or null.</summary>
    public string? Database { get; private init; }

    internal static StoreAddress ForFile(string path)
    {
        string full = System.IO.Path.GetFullPath(path);
        return new StoreAddress(StoreKind.Sqlite, full) { Path = full };
    }

    internal static StoreAddress ForServer(string host, int port, string database) =>
        new(StoreKind.PostgreSql, FormattableString.Invariant($"postgresql://{host}:{port}/{database}")) { HostName = host, Port = port, Database = database };

    /// <inheritdoc/>
    public override string ToString() => Text;
}

using UsageTracking.Session;
using UsageTracking.Stores;

namespace UsageTracking.Cmdlets.Output;

/// <summary>The store in use, the customer and zone of calls that name none. Holds no user and no password.</summary>
public sealed class UsageStoreInfo
{
    internal UsageStoreInfo(UsageSession session, string? customerId, StoreConnection connection, StoreState? state, UsageException? error)
    {
        StoreAddress address = connection.Store.Address;
        Kind = address.Kind.ToString();
        Store = address.Text;
        Path = address.Path;
        HostName = address.HostName;
        Port = address.Port;
        Database = address.Database;
        Source = connection.Source;
        CustomerId = customerId;
        TimeZone = session.Options.TimeZone.Id;
        IsReachable = state is not null;
        IsInitialized = state?.IsInitialized ?? false;
        SchemaVersion = state?.SchemaVersion;
        IsDistributed = state?.IsDistributed ?? false;
        StoreId = state?.StoreId;
        BytesPerGB = state?.BytesPerGigabyte;
        Pending = connection.Queue.Pending;
        Error = error?.Message;
    }

    /// <summary>Sqlite or PostgreSql.</summary>
    public string Kind { get; }

    /// <summary>The address.</summary>
    public string Store { get; }

    /// <summary>The SQLite file.</summary>
    public string? Path { get; }

    /// <summary>The server.</summary>
    public string? HostName { get; }

    /// <summary>Its port.</summary>
    public int? Port { get; }

    /// <summary>The database on it.</summary>
    public string? Database { get; }

    /// <summary>Who named this store: Connect-UsageStore, a profile, an environment variable, or the default.</summary>
    public string Source { get; }

    /// <summary>The customer of calls that name none; null where that cannot be said without the store.</summary>
    public string? CustomerId { get; }

    /// <summary>The zone of calls that name none.</summary>
    public string TimeZone { get; }

    /// <summary>Whether the store answered just now.</summary>
    public bool IsReachable { get; }

    /// <summary>Whether it has its tables.</summary>
    public bool IsInitialized { get; }

    /// <summary>The version of its tables; null where it did not answer.</summary>
    public int? SchemaVersion { get; }

    /// <summary>Whether its tables are spread over several servers.</summary>
    public bool IsDistributed { get; }

    /// <summary>The id it got when it was created.</summary>
    public Guid? StoreId { get; }

    /// <summary>Bytes in its GB.</summary>
    public long? BytesPerGB { get; }

    /// <summary>Records of this process on their way to it.</summary>
    public long Pending { get; }

    /// <summary>Why it did not answer.</summary>
    public string? Error { get; }
}

namespace UsageTracking.Stores;

/// <summary>How the records of a store are laid out, beyond what every store has.</summary>
[Flags]
public enum StoreLayout
{
    /// <summary>As the store makes them by itself.</summary>
    Default = 0,

    /// <summary>Distributed over the nodes of a PostgreSQL database with Citus.</summary>
    Distributed = 1,

    /// <summary>Partitioned by month, also where they were adopted unpartitioned.</summary>
    Partitioned = 2,
}

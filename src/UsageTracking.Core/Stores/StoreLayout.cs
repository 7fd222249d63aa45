namespace UsageTracking.Stores;

/// <summary>How a store lays out its tables, where it can do so in several ways.</summary>
[Flags]
public enum StoreLayout
{
    /// <summary>As the engine does by itself, or as it already is.</summary>
    Default = 0,

    /// <summary>Spread over several servers by customer.</summary>
    Distributed = 1,

    /// <summary>Partitioned by month, also where the tables were there before.</summary>
    Partitioned = 2,
}

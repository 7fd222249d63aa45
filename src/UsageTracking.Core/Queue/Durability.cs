namespace UsageTracking.Queue;

/// <summary>What a record survives once the cmdlet that added it has returned.</summary>
public enum Durability
{
    /// <summary>The end of the process, also by kill -9.</summary>
    Process,

    /// <summary>Also a power cut, but for the last 250 ms; a pipeline of more than one record is safe at its end.</summary>
    Machine,

    /// <summary>A power cut at any moment. Costs a disk flush per record.</summary>
    Strict,
}

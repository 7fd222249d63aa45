namespace UsageTracking.Reports;

/// <summary>A range in which two accounts of the same usage do not agree.</summary>
public sealed record UsageDifference
{
    /// <summary>Which accounts.</summary>
    public required DifferenceKind Kind { get; init; }

    /// <summary>The customer; null where it is about the whole store.</summary>
    public required string? CustomerId { get; init; }

    /// <summary>The service; null where it is about the whole store.</summary>
    public required string? Service { get; init; }

    /// <summary>The start of the first quarter hour that differs; null where no time can be named.</summary>
    public required DateTimeOffset? Start { get; init; }

    /// <summary>The exclusive end of the last quarter hour that differs; null where no time can be named.</summary>
    public required DateTimeOffset? End { get; init; }

    /// <summary>Events according to the buckets; null where it is about the queues.</summary>
    public required long? BucketEvents { get; init; }

    /// <summary>Events according to the records, or, about the queues, records in the table.</summary>
    public required long RecordEvents { get; init; }

    /// <summary>Records according to the queues' positions; null where it is about the buckets.</summary>
    public required long? QueueRecords { get; init; }

    /// <summary>The sum of quantities according to the buckets; null where it is about the queues.</summary>
    public required decimal? BucketQuantity { get; init; }

    /// <summary>The sum of quantities according to the records; null where it is about the queues.</summary>
    public required decimal? RecordQuantity { get; init; }

    /// <summary>The cost according to the buckets; null where it is about the queues.</summary>
    public required decimal? BucketCost { get; init; }

    /// <summary>The cost according to the records; null where it is about the queues.</summary>
    public required decimal? RecordCost { get; init; }

    /// <summary>What it means, and what mends it.</summary>
    public required string Message { get; init; }
}

namespace UsageTracking.Stores;

/// <summary>Which customers and services a question is about.</summary>
/// <param name="CustomerIds">The customers; null for all.</param>
/// <param name="Services">The services; null for all.</param>
public sealed record UsageFilter(IReadOnlyList<string>? CustomerIds, IReadOnlyList<string>? Services)
{
    /// <summary>Every customer and service.</summary>
    public static UsageFilter All { get; } = new(null, null);

    /// <summary>Whether nothing can match.</summary>
    public bool MatchesNothing => CustomerIds is { Count: 0 } || Services is { Count: 0 };
}

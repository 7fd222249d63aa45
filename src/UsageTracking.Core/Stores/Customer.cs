using UsageTracking.Metering;

namespace UsageTracking.Stores;

/// <summary>Somebody whose usage is metered.</summary>
/// <param name="CustomerId">The id records carry.</param>
/// <param name="ProjectName">The project it belongs to.</param>
/// <param name="Name">Its name.</param>
/// <param name="Email">Where to write to.</param>
/// <param name="Company">Its company.</param>
/// <param name="Metadata">What else is known.</param>
/// <param name="CreatedAt">When the store first heard of it.</param>
public sealed record Customer(
    string CustomerId, string ProjectName, string? Name, string? Email, string? Company, Metadata Metadata, DateTimeOffset CreatedAt);

/// <summary>What to change of a customer; null leaves a value as it is.</summary>
public sealed record CustomerChange(string CustomerId)
{
    /// <summary>The project it belongs to.</summary>
    public string? ProjectName { get; init; }

    /// <summary>Its name.</summary>
    public string? Name { get; init; }

    /// <summary>Where to write to.</summary>
    public string? Email { get; init; }

    /// <summary>Its company.</summary>
    public string? Company { get; init; }

    /// <summary>What else is known.</summary>
    public Metadata? Metadata { get; init; }
}

using UsageTracking.Stores;

namespace UsageTracking.Cmdlets.Output;

/// <summary>A customer.</summary>
public sealed class UsageCustomerInfo
{
    internal UsageCustomerInfo(Customer core)
    {
        CustomerId = core.CustomerId;
        ProjectName = core.ProjectName;
        Name = core.Name;
        Email = core.Email;
        Company = core.Company;
        Metadata = new UsageMetadata(core.Metadata);
        CreatedAt = core.CreatedAt;
    }

    /// <summary>The id records carry.</summary>
    public string CustomerId { get; }

    /// <summary>The project it belongs to.</summary>
    public string ProjectName { get; }

    /// <summary>Its name.</summary>
    public string? Name { get; }

    /// <summary>Where to write to.</summary>
    public string? Email { get; }

    /// <summary>Its company.</summary>
    public string? Company { get; }

    /// <summary>What else is known.</summary>
    public UsageMetadata Metadata { get; }

    /// <summary>When the store first heard of it.</summary>
    public DateTimeOffset CreatedAt { get; }
}

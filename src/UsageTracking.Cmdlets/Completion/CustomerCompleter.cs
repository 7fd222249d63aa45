using System.Collections;

namespace UsageTracking.Cmdlets.Completion;

/// <summary>Completes the ids of customers.</summary>
public sealed class CustomerCompleter : NameCompleter
{
    private protected override IEnumerable<OfferedName> Names(IDictionary bound) =>
        ModuleLifetime.KnownNames.Customers().Select(c => new OfferedName(c.CustomerId, string.IsNullOrWhiteSpace(c.Name) ? null : c.Name));
}

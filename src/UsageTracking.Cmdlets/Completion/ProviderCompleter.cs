using System.Collections;
using UsageTracking.Readings.Providers;

namespace UsageTracking.Cmdlets.Completion;

/// <summary>Completes the names of providers.</summary>
public sealed class ProviderCompleter : NameCompleter
{
    private protected override IEnumerable<OfferedName> Names(IDictionary bound) =>
        ReadingProviders.All.Select(p => new OfferedName(p.Name, null));
}

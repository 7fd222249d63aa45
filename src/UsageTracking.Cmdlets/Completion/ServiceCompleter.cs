using System.Collections;

namespace UsageTracking.Cmdlets.Completion;

/// <summary>Completes the names of services.</summary>
public sealed class ServiceCompleter : NameCompleter
{
    private protected override IEnumerable<OfferedName> Names(IDictionary bound) =>
        ModuleLifetime.KnownNames.Services().Select(s => new OfferedName(s.Name, $"{s.Name}, in {s.Unit}"));
}

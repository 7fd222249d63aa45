using System.Collections;
using UsageTracking.Profiles;
using UsageTracking.Session;

namespace UsageTracking.Cmdlets.Completion;

/// <summary>Completes the names of profiles.</summary>
public sealed class ProfileCompleter : NameCompleter
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(200);

    private protected override IEnumerable<OfferedName> Names(IDictionary bound)
    {
        // The file may be on another computer's disk.
        Task<IReadOnlyList<UsageProfile>> profiles = Task.Run(ProfileStores.List);
        return Task.WaitAny([profiles], Patience) == 0 && profiles.IsCompletedSuccessfully
            ? profiles.Result.Select(p => new OfferedName(p.Name, p.Address))
            : [];
    }
}

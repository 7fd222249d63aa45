using System.Management.Automation;
using UsageTracking.Cmdlets.Completion;
using UsageTracking.Profiles;
using UsageTracking.Session;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsCommon.Remove, "UsageProfile", SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class RemoveUsageProfileCommand : UsageCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ProfileCompleter))]
    public string[] Name { get; set; } = [];

    /// <inheritdoc/>
    protected override void OnProcess()
    {
        ProfileBook book = ProfileStores.OpenBook(new SecretVault(this));
        foreach (UsageProfile profile in ProfileSelection.Match(Name, book.Get(), e => WriteItemError(e)))
        {
            if (ShouldProcess($"{profile.Name} ({profile.Address})", profile.SecretStore is null ? "remove the profile" : "remove the profile and its password"))
                Remove(book, profile);
        }
    }

    // One whose vault does not answer is no reason to keep the others.
    private void Remove(ProfileBook book, UsageProfile profile)
    {
        try
        {
            book.Remove(profile);
        }
        catch (UsageException error)
        {
            WriteItemError(error, profile.Name);
        }
    }
}

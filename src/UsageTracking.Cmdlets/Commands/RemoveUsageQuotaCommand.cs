using System.Management.Automation;
using UsageTracking.Cmdlets.Binding;
using UsageTracking.Cmdlets.Completion;
using UsageTracking.Quotas;
using UsageTracking.Time;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsCommon.Remove, "UsageQuota", SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class RemoveUsageQuotaCommand : SelectionCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ServiceCompleter))]
    public override string[] Service { get; set; } = [];

    [Parameter]
    [ValidateNotNull]
    public object? From { get; set; }

    /// <inheritdoc/>
    protected override void OnProcess()
    {
        Prepare();
        if (!Select())
            return;

        QuotaBook book = Wait(QuotaBook.ReadAsync(Connection.Store, CustomersOrAll, Services, Cancel));
        TimeInput? from = From is null ? null : TimeInput.From(Unwrap.Base(From));
        var found = new HashSet<string>();
        foreach (Quota quota in book.Quotas)
        {
            if (quota.FirstDayOfPeriod(from, DateTimeOffset.UtcNow) is not { } day)
                continue;

            found.Add(quota.Service.Name);
            if (ShouldProcess(
                $"{quota.Service.Name} of {quota.CustomerId}", FormattableString.Invariant($"remove the quota from {day:yyyy-MM-dd} on from {Connection.Store.Address}")))
            {
                Wait(Connection.Store.EndQuotaAsync(quota.CustomerId, quota.Service.Name, day, Cancel));
            }
        }

        foreach (string service in Service.Where(s => !WildcardPattern.ContainsWildcardCharacters(s)))
        {
            if (Services.FirstOrDefault(s => s.Name.Equals(service, StringComparison.OrdinalIgnoreCase)) is { } known
                && !found.Contains(known.Name))
            {
                WriteItemError(QuotaSettings.NotFound(known, string.Join(", ", Customers)));
            }
        }
    }
}

using System.Management.Automation;
using UsageTracking.Cmdlets.Binding;
using UsageTracking.Cmdlets.Completion;
using UsageTracking.Metering;
using UsageTracking.Quotas;
using UsageTracking.Reports;
using UsageTracking.Stores;
using UsageTracking.Time;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsCommon.Get, "UsageBurndown", DefaultParameterSetName = MonthSet)]
[OutputType(typeof(UsageBurndown))]
public sealed class GetUsageBurndownCommand : SelectionCmdlet
{
    private const string MonthSet = "Month";
    private const string RangeSet = "Range";

    [Parameter(Position = 1)]
    [ValidateNotNull]
    public object? Limit { get; set; }

    [Parameter(Position = 2, ParameterSetName = MonthSet)]
    [ValidateNotNull]
    public object? Month { get; set; }

    [Parameter(ParameterSetName = RangeSet)]
    [Alias("From")]
    [ValidateNotNull]
    public object? Start { get; set; }

    [Parameter(ParameterSetName = RangeSet)]
    [Alias("To")]
    [ValidateNotNull]
    public object? End { get; set; }

    [Parameter]
    [ValidateNotNull]
    public object? PeakWeight { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? PeakHours { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? PeakDays { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(TimeZoneCompleter))]
    public string? TimeZone { get; set; }

    /// <inheritdoc/>
    protected override void OnProcess()
    {
        Prepare();
        var request = new BurndownRequest
        {
            Limit = Limit is null ? null : Quantity.Read(Unwrap.Base(Limit), "limit"),
            Month = Input(Month),
            Start = Input(Start),
            End = Input(End),
            Zone = ZoneOf(TimeZone),
        };
        BurndownWeights weights = BurndownWeights.From(
            PeakWeight is null ? null : Quantity.Read(Unwrap.Base(PeakWeight), "weight"),
            PeakHours is null ? null : string.Join(',', PeakHours), PeakDays is null ? null : string.Join(',', PeakDays));
        FlushPending(Connection);
        if (!Select())
            return;

        QuotaBook book = Wait(QuotaBook.ReadAsync(Connection.Store, CustomersOrAll, Services, Cancel));
        var widening = new Widening();
        foreach (string customer in Customers)
        {
            foreach (Service service in Services.Where(s => !EveryService || book.HasLimit(customer, s.Name)))
                Write(book, request, weights, customer, service, widening);
        }

        WriteWarningOf(widening);

        if (EveryService && !Customers.Any(c => Services.Any(s => book.HasLimit(c, s.Name))))
            WriteItemError(QuotaSettings.NothingToBurnDown(string.Join(", ", Customers)));

        static TimeInput? Input(object? value) => value is null ? null : TimeInput.From(Unwrap.Base(value));
    }

    private void Write(QuotaBook book, BurndownRequest request, BurndownWeights weights, string customer, Service service, Widening widening)
    {
        try
        {
            DateTimeOffset now = DateTimeOffset.UtcNow;
            BurndownSubject subject = Wait(request.ResolveAsync(Connection.Store, book, customer, service, now, widening, Cancel));
            IReadOnlyList<UsageBurndown> days = Wait(BurndownReport.ReadAsync(Connection.Store, subject, weights, now, widening, Cancel));
            foreach (UsageBurndown day in days)
                WriteObject(day);

            if (days.Any(d => d is { IsPartial: true, Actual: not null, Projected: null }))
                WriteWarning($"No projection of {service.Name} for '{customer}' yet: fewer than {BurndownReport.FewestDaysToProject} complete days are known.");
        }
        catch (UsageException error) when (error.ErrorId == "QuotaNotFound")
        {
            WriteItemError(error);
        }
    }
}

# Dot-sourced by Examples.Tests.ps1: the store that the pages' examples start from, and what a page needs besides.

# January 2026 of acme and bluebird, older usage to archive, and of the autumn that the pages show, and of the last ten
# weeks, something every day; quotas, prices, and files to read.
function Build-ExampleStore([string] $Folder) {
    Connect-UsageStore "$Folder/usage.db" -CustomerId acme
    Set-UsageCustomer acme -Name 'Acme Ltd' -ProjectName webshop -Company 'Acme Ltd' -Email billing@acme.example
    Set-UsageCustomer bluebird -Name 'Blue Bird Bakery' -Email hello@bluebird.example
    Set-UsageService email messages
    Set-UsagePrice email 0.002 -From 2026-10-01
    Set-UsagePrice email -From 2026-10-16 -Model Graduated -Tier @{ UpTo = 1000; UnitCost = 0.002 }, @{ UpTo = 5000; UnitCost = 0.0015 }, @{ UnitCost = 0.001 }
    Set-UsagePrice functions 0.15 -PackageSize 1000 -From 2026-10-01
    Set-UsagePrice api 0.00008 -CustomerId acme -From 2026-10-01

    $now = [datetimeoffset]::UtcNow
    $record = { param($Time, $Customer, $Service, $Quantity, $Metadata = @{})
        [pscustomobject]@{ Timestamp = $Time; CustomerId = $Customer; Service = $Service; Quantity = $Quantity; Metadata = $Metadata }
    }
    $midnight = { param([string] $Day) [datetimeoffset]::Parse("${Day}T00:00Z", [cultureinfo]::InvariantCulture) }
    $hours = { param($Day)
        foreach ($hour in 0..23) {
            $path = @('/api/users', '/api/posts', '/api/invoices')[$hour % 3]
            & $record $Day.AddHours($hour) acme api (600 + 100 * $hour + $Day.Day) @{ endpoint = $path; method = $hour -lt 21 ? 'GET' : 'POST'; status = 200 }
        }
    }
    & {
        foreach ($day in 0..30 | ForEach-Object { (& $midnight 2026-01-01).AddDays($_) }) {
            & $hours $day
            & $record $day.AddHours(23) acme storage 360 @{ bytes = 15GB; hours = 24 }
            & $record $day.AddHours(12) acme bandwidth 4.5 @{ bytes = 4.5GB; direction = 'egress' }
            & $record $day.AddHours(3) acme compute ($day.Day -eq 31 ? 2.122 : 2.67) @{ instance = 't3.medium' }
            & $record $day.AddHours(22) acme database 69 @{ type = 'SELECT' }
            & $record $day.AddHours(4) acme functions 290
            & $record $day.AddHours(1) bluebird api (200 + $day.Day) @{ endpoint = '/api/orders'; method = 'POST'; status = 201 }
            & $record $day.AddDays(31).AddHours(8) acme api 33 @{ endpoint = '/users' }
            & $record $day.AddDays(30).AddHours(8) beta api 39 @{ endpoint = '/users' }
        }
        $days = @(0..60 | ForEach-Object { (& $midnight 2026-10-01).AddDays($_) }
            0..70 | ForEach-Object { [datetimeoffset]::new($now.UtcDateTime.Date, [timespan]::Zero).AddDays(-$_) }
        ) | Sort-Object -Unique | Where-Object { $_ -lt $now }
        foreach ($day in $days) {
            & $hours $day | Where-Object Timestamp -LT $now
            & $record $day acme bandwidth 2.5
            & $record $day acme compute (2 + $day.Day % 3)
            & $record $day acme functions 400
            & $record $day acme email 90
            & $record $day bluebird api 220
            & $record $day bluebird bandwidth 2.9
            & $record $day bluebird email 40
            & $record $day home bandwidth 2.25
        }
        # Some hours that were not as usual.
        & $record $now.AddDays(-5) acme api 194000 @{ endpoint = '/api/users'; method = 'GET'; status = 200 }
        & $record $now acme storage 5000
        & $record $now tern bandwidth 105
    } | Add-UsageRecord
    Invoke-UsageFlush | Out-Null

    Set-UsageQuota api 10000000
    Set-UsageQuota storage 10
    Set-UsageQuota bandwidth 100 -From 2026-10
    Set-UsageQuota compute 0.5
    Set-UsageQuota bandwidth 100 -CustomerId home -From 2026-09
    Set-UsageQuota bandwidth 100 -CustomerId tern

    Set-Content "$Folder/usage.csv" 'service,quantity,timestamp', 'api,1520,2026-01-30 10:00:00', 'storage,"45,2",2026-01-30 11:00:00', 'bandwidth,0.75,2026-01-30 12:00:00'
    Set-Content "$Folder/access.csv" 'Timestamp,Endpoint,Method,StatusCode', '2026-01-30 10:00:07,/api/orders,POST,201', '2026-01-30 10:00:09,/api/orders/17,GET,200'
    Set-Content "$Folder/january.csv" 'timestamp,service,quantity,unit_cost,total_cost,metadata', '2026-01-31 08:00:00,api,33,0.0001,0.0033,{}',
    '2026-01-31 09:00:00,storage,"45,2",0.001,0.0452,{}', '2026-01-31 10:00:00,api,34,0.0001,0.0034,{}'
    Set-Content "$Folder/transfers.csv" 'host,bytes,finished,request', 'web1,5368709120,2026-01-30T10:00:00+01:00,r-1001', 'web2,1073741824,2026-01-30T10:05:00+01:00,r-1002'
    $null = New-Item -ItemType Directory "$Folder/archives", "$Folder/backup", "$Folder/bin"
    Set-Content "$Folder/backup/one", "$Folder/backup/two" 'something'
    # Schedulers that keep a file, and do nothing.
    Set-Content "$Folder/bin/crontab" "#!/bin/sh`nif [ `$1 = -l ]; then cat '$Folder/crontab'; else cat > '$Folder/crontab'; fi"
    Set-Content "$Folder/bin/systemctl" "#!/bin/sh`nexit 1"
    Set-Content "$Folder/crontab" '0 0 * * * mine'
    chmod +x "$Folder/bin/crontab" "$Folder/bin/systemctl"
}

# Blocks of code that are not run, and why; that they can be read and bound is tested all the same.
$notRun = @{
    'Copy-UsageStore'       = @{ 2 = 'It is cut off by hand.' }
    'Initialize-UsageStore' = @{ 5 = 'It needs Citus.' }
    'Watch-Usage'           = @{ 1 = 'It goes on until Ctrl-C.' }
}

# What else has to be so before a page's n-th block of code. It runs where the block does.
$before = @{
    'Add-UsageAdjustment'        = @{ 1 = { Add-UsageRecord compute 2122 -Timestamp 2026-01-31T03:00Z } }
    'Add-UsageReading'           = @{ 1 = { Connect-UsageStore new.db -CustomerId acme -DecimalUnits; Set-UsageQuota bandwidth 100 -From 2026-11 } }
    'Clear-UsageQueue'           = @{ 3 = { 1..120 | ForEach-Object { Add-UsageApiRequest /api/users } } }
    'Compare-Usage'              = @{
        2 = { sqlite3 usage.db "insert into billing_usage_records (customer_id, service_name, quantity, unit_cost, recorded_at) values ('acme', 'api', '40', '0.0001', '2026-11-20 09:05:00.000000Z')" }
        3 = { sqlite3 usage.db "update billing_usage_records set quantity = '400' where recorded_at = '2026-11-20 09:05:00.000000Z'" }
        5 = { sqlite3 usage.db "delete from billing_usage_records where customer_id = 'bluebird' and recorded_at = '2026-11-20 00:00:00.000000Z' and service_name = 'api'" }
    }
    'Connect-UsageStore'         = @{ 1 = { Disconnect-UsageStore; Remove-Item usage.db* }; 4 = { Save-UsageProfile home usage.db -CustomerId home -TimeZone Europe/London } }
    'Copy-UsageStore'            = @{ 1 = {
            Connect-UsageStore -ConnectionString $postgres -WarningAction Ignore
            Initialize-UsageStore
            Connect-UsageStore usage.db
        }
    }
    'Disconnect-UsageStore'      = @{ 1 = { $env:USAGE_STORE = "$PWD/usage.db" } }
    'Export-Usage'               = @{ 1 = { Remove-Item usage.csv } }
    'Get-UsageAlert'             = @{ 1 = {
            $null = Invoke-UsageAlertCheck storage, bandwidth -CustomerId *
            $null = Invoke-UsageAlertCheck compute -Action { throw } -ErrorAction Ignore
        }
    }
    'Get-UsageArchive'           = @{ 1 = { $null = Invoke-UsageArchive 90 archives; $null = Invoke-UsageArchive 90 beta.ndjson.gz -CustomerId beta } }
    'Get-UsageInvoice'           = @{ 1 = { $null = Get-UsageCost -CustomerId * -Save } }
    'Get-UsageJob'               = @{ 1 = { $null = Register-UsageJob Flush; $null = Register-UsageJob Archive -Path archives } }
    # A session that was killed.
    'Get-UsageQueue'             = @{ 3 = {
            $env:USAGE_BATCH_TIMEOUT = 3600
            pwsh -NoProfile -Command "Import-Module '$modulePath'; Connect-UsageStore usage.db; 1..25 | ForEach-Object { Add-UsageApiRequest /api/users }; Stop-Process -Id `$PID -Force"
            $env:USAGE_BATCH_TIMEOUT = $null
            Connect-UsageStore usage.db
        }
    }
    'Get-UsageReading'           = @{ 1 = {
            Add-UsageReading -Remaining 96.5 -Timestamp '2026-11-01 05:30'
            Add-UsageReading -Remaining 957.5 -Timestamp '2026-11-01 11:30'
            Add-UsageReading -Remaining 95 -Timestamp '2026-11-01 17:30'
            '2026-11-20', '2026-11-21', '2026-11-22' | ForEach-Object { Add-UsageReading compute -Meter rack -Total 41231 -Timestamp $_ }
        }
    }
    'Initialize-UsageStore'      = @{ 2 = {
            . $tests/Common.ps1
            'tables', 'some-usage' | ForEach-Object { $null = Invoke-Psql $postgres (Get-Content $tests/nself/$_.sql -Raw) }
        }
    }
    'Invoke-UsageAlertCheck'     = @{
        2 = { Set-UsageQuota compute 0.4; Set-Content notify.sh "#!/bin/sh`nexit 1"; chmod +x notify.sh }
        3 = { Set-Content notify.sh "#!/bin/sh`nexit 0" }
    }
    'Remove-UsageRejectedRecord' = @{ 1 = {
            1..4 | ForEach-Object { Add-UsageRecord api $_ -EventKey one }
            $null = Invoke-UsageFlush -WarningAction Ignore
        }
    }
    'Restore-UsageArchive'       = @{ 1 = { $null = Invoke-UsageArchive 90 beta.ndjson.gz -CustomerId beta; $null = Invoke-UsageArchive 90 archives } }
    'Save-UsageProfile'          = @{ 1 = { Disconnect-UsageStore; Remove-Item usage.db* }; 3 = { $connectionString = 'Host=us.db.example;Database=usage;Username=usage;Password=x' } }
    'Set-UsagePrice'             = @{ 1 = { Connect-UsageStore new.db -CustomerId acme; Set-UsageService email messages } }
    'Test-UsageArchive'          = @{ 1 = { $null = Invoke-UsageArchive 90 archives }; 3 = { Add-Content (Get-Item archives/*.gz) 'x' } }
    'Test-UsageHealth'           = @{ 4 = { Connect-UsageStore new.db } }
    'Test-UsageQuota'            = @{
        1 = { Set-UsageQuota api 1 -Enforcement Hard }
        2 = { Set-UsageQuota api ((Get-UsageQuota api).Used + 22000) -Enforcement Hard }
    }
    'Undo-UsageRecord'           = @{ 1 = { Add-UsageRecord storage 360 -Timestamp 2026-01-30T23:00Z } }
    'Unregister-UsageJob'        = @{ 1 = { $null = Register-UsageJob Archive -Path archives; $null = Register-UsageJob Flush }; 2 = { $null = Register-UsageJob Flush } }
    'Update-UsageReading'        = @{
        1 = {
            Connect-UsageStore new.db -CustomerId home -DecimalUnits
            Set-UsageQuota bandwidth 100
            $answer = '{"login":[{"broadband":[{"ID":"31457","quota_left":"60123456789"},{"ID":31458,"quota_left":39999999999}]}]}'
            $server.Answer(200, $answer)
        }
        2 = {
            $server.Reset()
            $server.Answer(200, $answer.Replace('39999999999', '38750000000'))
            $null = New-Item -ItemType Directory .config
            Get-Credential | Export-Clixml .config/provider.xml
        }
    }
    'Update-UsageSummary'        = @{ 1 = {
            Connect-UsageStore -ConnectionString $postgres -CustomerId acme -WarningAction Ignore
            Initialize-UsageStore
            Add-UsageRecord api 3 -Timestamp 2026-01-15
            $null = Invoke-UsageFlush
        }
    }
}
$before['Remove-UsageReading'] = $before['Get-UsageReading']
$before['Get-UsageProfile'] = $before['Remove-UsageProfile'] = @{ 1 = {
        Save-UsageProfile home usage.db -CustomerId home -TimeZone Europe/London
        'billing', 'billing-us', 'old-a', 'old-b' | ForEach-Object { Save-UsageProfile $_ -HostName db.example -Database usage -Credential (Get-Credential usage) -SecretStore File -WarningAction Ignore }
    }
}

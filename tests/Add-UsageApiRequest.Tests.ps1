BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll { . $PSScriptRoot/Common.ps1 }

foreach ($kind in Get-TestStore) {
    Describe "Add-UsageApiRequest to $($kind.Kind)" -ForEach $kind -Skip:$kind.Skip {
        BeforeAll { $script:store = New-TestStore -Kind $Kind }
        AfterAll { Remove-TestStore $store }
        BeforeEach {
            $script:customer = 'c-' + [guid]::NewGuid().ToString('N')
            $script:mine = @{ CustomerId = $customer; Start = '2026-01-15'; End = '2026-01-15' }
            $script:at = @{ CustomerId = $customer; Timestamp = '2026-01-15 12:00' }
        }

        It 'counts one GET with status 200, and writes nothing' {
            Add-UsageApiRequest /users @at | Should -BeNullOrEmpty
            $record = Get-UsageRecord @mine
            $record.Service, $record.Quantity, $record.UnitCost | Should -Be 'api', 1, 0.0001
            "$($record.Metadata)" | Should -BeExactly '{"endpoint":"/users","method":"GET","status":200}'
        }

        It 'takes endpoint, method and status by position' {
            Add-UsageApiRequest '/ü?q="a b"&p=%20' POST 404 @at
            $metadata = (Get-UsageRecord @mine).Metadata
            $metadata.endpoint | Should -BeExactly '/ü?q="a b"&p=%20'
            $metadata.method, $metadata.status | Should -Be 'POST', 404
        }

        It 'takes customer, time, unit cost and key by name' {
            $name = @{ CustomerId = $customer; Timestamp = '2026-01-15 13:30'; TimeZone = 'Europe/Berlin'; UnitCost = 0.5; EventKey = 'k' }
            Add-UsageApiRequest -Endpoint / -Method PUT -StatusCode 201 @name
            $record = Get-UsageRecord @mine
            $record.Timestamp.ToString('u') | Should -Be '2026-01-15 12:30:00Z'
            $record.UnitCost, $record.EventKey | Should -Be 0.5, 'k'
        }

        It 'takes objects with these names down the pipeline, such as rows of a CSV file' {
            'Timestamp,Endpoint,Method,StatusCode,CustomerId', "2026-01-15T01:00Z,/a,GET,200,$customer", "2026-01-15T02:00Z,/b,PUT,500,$customer" |
                ConvertFrom-Csv | Add-UsageApiRequest
            Get-UsageRecord @mine | ForEach-Object { "$($_.Timestamp.ToString('HH:mm')) $($_.Metadata.method) $($_.Metadata.endpoint) $($_.Metadata.status)" } |
                Should -Be '02:00 PUT /b 500', '01:00 GET /a 200'
        }

        It 'writes what it added with -PassThru' {
            $added = Add-UsageApiRequest /x -PassThru @at
            $added.Service, $added.Quantity, $added.CustomerId, $added.Metadata.endpoint | Should -Be 'api', 1, $customer, '/x'
        }

        It 'has one error for a bad item, and adds the others' {
            $rows = foreach ($day in '2026-01-15', '2026-15-01', '2026-01-15') { [pscustomobject]@{ Endpoint = '/'; Timestamp = $day; CustomerId = $customer } }
            $rows[0], $rows[1], $rows[2], [pscustomobject]@{ Endpoint = '/'; StatusCode = 'none'; CustomerId = $customer } |
                Add-UsageApiRequest -ErrorAction SilentlyContinue -ErrorVariable problem
            $problem | Should -HaveCount 2
            $problem[0].FullyQualifiedErrorId | Should -BeLike 'InvalidTimestamp,*AddUsageApiRequestCommand'
            $problem[0].CategoryInfo.Category | Should -Be InvalidArgument
            $problem[0].TargetObject.Timestamp | Should -Be '2026-15-01'
            (Get-Usage api @mine).Events | Should -Be 2
        }
    }
}

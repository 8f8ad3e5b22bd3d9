// Lets the button of a form make or use a security key, by allauth's scripts. What failed is said in the page.
(function () {
  const form = document.querySelector('[data-security-key]')
  const options = JSON.parse(form.dataset.options)
  const failed = form.querySelector('[data-failed]')

  document.addEventListener('allauth.error', function (event) {
    event.preventDefault()
    failed.hidden = false
  })

  if (form.dataset.securityKey === 'add') {
    const button = document.getElementById('add-key')
    button.addEventListener('click', function (event) {
      // The key is asked once the form is whole.
      if (!form.reportValidity()) event.stopImmediatePropagation()
    })
    window.allauth.webauthn.forms.addForm({
      ids: { add: 'add-key', credential: 'credential' },
      data: { creation_options: options }
    })
  } else {
    window.allauth.webauthn.forms.authenticateForm({
      ids: { authenticate: 'use-key', credential: 'credential' },
      data: { request_options: options }
    })
  }
})()

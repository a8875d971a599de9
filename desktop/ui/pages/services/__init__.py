from desktop.ui.pages.services.page import ServicesPage

__all__ = ["ServicesPage"]
